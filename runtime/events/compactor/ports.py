"""What the compactor asks of others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from baler.events.partition import Partition
    from baler.events.table.source_rows import SourceRows


@dataclass(frozen=True, slots=True)
class TableSize:
    """How much a state of the table has: rows, in how many files."""

    rows: int
    files: int


class ReadRows(Protocol):
    """Makes rows of a processed object."""

    def __call__(self, key: str, body: bytes, /) -> SourceRows:
        """Return the rows. Raises ForeignObjectError: the transformer writes no such object."""
        ...


class ProcessedStore(Protocol):
    """The processed objects. It has no way to change one."""

    def get(self, keys: Sequence[str]) -> Mapping[str, bytes | None]:
        """Return the newest content of each, None where there is no such object; strongly consistent.

        An object of which the answer says nothing could not be read. Raises Unavailable.
        """
        ...


class Snapshot(Protocol):
    """One state of the table, which never changes, and what can be made of it.

    A commit is one step for readers: they see the state before it or the one after it.
    """

    def holding(self, sources: Sequence[SourceRows]) -> frozenset[str]:
        """Return the keys of those sources that the table has rows of. Raises Unavailable."""
        ...

    def commit(self, sources: Sequence[SourceRows], replaced: frozenset[str]) -> bool:
        """Make a state with the rows of these sources, and without those that it had of the replaced ones.

        Returns:
            False, with nothing changed, if this is no longer the current state.

        Raises:
            Unavailable: whether it took effect is unknown.
        """
        ...

    def scattered(self, before: datetime) -> Sequence[Partition]:
        """Return the hours that ended by then and lie in more files than they need, oldest first.

        Raises:
            Unavailable: a store does not answer.
        """
        ...

    def rewrite(self, hour: Partition) -> bool:
        """Make a state with the same rows, those of an hour in fewer files and in the order of time.

        Returns:
            False, with nothing changed, if this is no longer the current state.

        Raises:
            Unavailable: whether it took effect is unknown.
        """
        ...

    def drop(self, before: datetime) -> bool:
        """Make a state without the hours that ended by then.

        Returns:
            False, with nothing changed, if this is no longer the current state.

        Raises:
            Unavailable: whether it took effect is unknown.
        """
        ...


class EventTable(Protocol):
    """The table of all events."""

    def size(self) -> TableSize:
        """Return how much the current state has. Raises Unavailable."""
        ...

    def sweep(self, before: datetime) -> int:
        """Forget states that are older, and delete files as old that no other state has; return how many.

        What a state has that may still become the current one is younger. Raises Unavailable.
        """
        ...

    def snapshot(self) -> Snapshot:
        """Return the current state. Raises Unavailable."""
        ...
