"""What the API needs of the stores. All raise `baler.store_errors.Unavailable`, and only read, but for the key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import date

    from baler.lake.document import Number


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands in the index of its source, newest first.

    Attributes:
        source: its name.
        captured_at: as records have it. Of records with the same one the index has an order of its own, which `id`
            alone does not tell.
        id: of the record.
    """

    source: str
    captured_at: str
    id: str


@dataclass(frozen=True, slots=True)
class Span:
    """What is asked of the index of a source.

    Attributes:
        oldest: `captured_at` that nothing may be older than; "" for no bound.
        newest: `captured_at` that nothing may be newer than; "" for no bound.
        after: begin behind this place, whether a record stands there still or not; within both bounds.
    """

    oldest: str = ""
    newest: str = ""
    after: Place | None = None


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record as the table has it.

    Attributes:
        id, source, captured_at: its own.
        attributes: by name, but for `document`; numbers with their own digits.
        document: JSON, or None where it is in the raw object alone, or was not asked for.
        expires_at: from when on it is as good as gone, seconds since the epoch; None for never.
    """

    id: str
    source: str
    captured_at: str
    attributes: Mapping[str, str | bool | Number]
    document: str | None
    expires_at: int | None


class Records(Protocol):
    """The table of records and its index."""

    def places(self, source: str, span: Span, at_once: int) -> Iterator[Place]:
        """Yield places in the order of the index, newest first, as they are asked for.

        Args:
            source: whose.
            span: which of them.
            at_once: how many are read together.
        """
        ...

    def read(self, ids: Collection[str], fields: Collection[str]) -> Mapping[str, StoredRecord]:
        """Return records by id without their documents; those that are not there are left out.

        Args:
            ids: any number.
            fields: the attributes that are asked for beside those that all records have.
        """
        ...

    def get(self, record_id: str) -> StoredRecord | None:
        """Return a record with its document; None if there is none."""
        ...


@dataclass(frozen=True, slots=True)
class SourceCounts:
    """What is counted of a source.

    Attributes:
        total: records.
        days: of the window, how many were first captured on each; days without may be left out.
        first_day, last_day: that have any, inside the window or not; None if none has.
    """

    total: int
    days: Mapping[date, int]
    first_day: date | None
    last_day: date | None


@dataclass(frozen=True, slots=True)
class Window:
    """Which days are asked for.

    Attributes:
        first, last: of the window, both included.
        oldest: the first day whose records are not expired; None where none ever is. No earlier day is counted, in the
            total neither.
        now: seconds since the epoch. A day that has an end by then is not counted either: it was written under a
            shorter retention.
    """

    first: date
    last: date
    oldest: date | None
    now: float


class Counters(Protocol):
    """Counters of records."""

    def read(self, sources: Collection[str], window: Window) -> Mapping[str, SourceCounts]:
        """Return what is counted of each source."""
        ...


class PagingKey(Protocol):
    """The secret by which the API knows its own `lastKey`."""

    def read(self) -> bytes:
        """Return it, and make it where there is none yet: the same for every function of the stack."""
        ...


@dataclass(frozen=True, slots=True)
class Stores:
    """All of them, for one request."""

    records: Records
    counters: Counters
    paging_key: PagingKey
