"""What recovery asks of others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from baler.events.raw_object import StreamObject
    from baler.events.stream_record import Parsed, StreamRecord


class Parse(Protocol):
    """Reads records, as the processor does."""

    def __call__(self, records: Sequence[StreamRecord], /) -> Parsed:
        """Return what the records hold."""
        ...


class ObjectStore(Protocol):
    """Where raw objects are put."""

    def put(self, objects: Sequence[StreamObject]) -> None:
        """Write those that are not there; see runtime/events/processor/ports.py. Raises Unavailable."""
        ...


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
