"""What recovery asks of others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from baler.events.stream_record import StreamRecord


class FailureStore(Protocol):
    """The objects of the destination on failure."""

    def get(self, key: str) -> bytes | None:
        """Return an object; None if there is none.

        Raises:
            Unavailable: S3 does not answer.
            BadFailureObjectError: it is larger than any of Lambda's.
        """
        ...


@dataclass(frozen=True, slots=True)
class Page:
    """What one call reads of a shard; maybe no record.

    Attributes:
        records: in the order of the shard, following those of the page before.
        at_end: nothing lies behind it now.
    """

    records: tuple[StreamRecord, ...]
    at_end: bool


class StreamSource(Protocol):
    """The stream itself."""

    def created_at(self) -> int:
        """Return when the stream was made, whole seconds since the epoch. Raises Unavailable."""
        ...

    def horizon(self) -> float:
        """Return since when the stream has kept what arrived, seconds since the epoch. Raises Unavailable."""
        ...

    def pages(self, shard_id: str, start: float, after: str) -> Iterator[Page]:
        """Read a shard from a sequence number on, itself excluded, or, where that is "", from a time of arrival on.

        Raises:
            Unavailable: Kinesis does not answer.
            NoSuchShardError: the stream has no such shard, or none that it still keeps.
        """
        ...


class NoSuchShardError(Exception):
    """The stream has no such shard."""
