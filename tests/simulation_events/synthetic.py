"""Small records, and what the processor and the transformer are given to read and to write them."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from baler.events.rejection_reason import RejectionReason
from baler.events.stream_record import Event, Parsed, Rejection
from runtime.events.processor.ports import NewObject
from runtime.events.transformer.ports import ObjectName
from simulation_events.workload import Nature, shard_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from baler.events.stream_record import StreamRecord
    from runtime.events.processor.ports import Span


class Parser:
    """Reads synthetic records.

    Args:
        clock: seconds since the epoch.
        later_until: when records that are for later can be read.
        die: ends the process.
    """

    def __init__(self, clock: Callable[[], float], later_until: float, die: Callable[[], None]) -> None:
        self._clock = clock
        self._later_until = later_until
        self._die = die

    def __call__(self, records: Sequence[StreamRecord]) -> Parsed:
        events: list[Event] = []
        rejections: list[Rejection] = []
        for record in records:
            nature, partition, number = record.data.decode().split(":")
            match Nature(nature):
                case Nature.KILLS:
                    self._die()
                case Nature.BAD:
                    rejections.append(Rejection(record, RejectionReason.NOT_JSON))
                case Nature.LATER if self._clock() < self._later_until:
                    pass
                case _:
                    at = datetime.fromtimestamp(record.arrived_at, UTC)
                    events.append(Event(partition, at, number.encode(), record, number))
        return Parsed(tuple(events), tuple(rejections))


class Layout:
    """Names objects by span, partition and content."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock

    def events(self, span: Span, events: Sequence[Event]) -> list[NewObject]:
        """See the port."""
        partitions: dict[str, list[bytes]] = defaultdict(list)
        for event in events:
            partitions[event.type].append(event.line)
        return [self._object(f"raw/{name}", span, lines) for name, lines in sorted(partitions.items())]

    def rejections(self, span: Span, rejections: Sequence[Rejection]) -> list[NewObject]:
        """See the port."""
        if not rejections:
            return []
        lines = [f"{int(each.record.sequence_number)}:{each.reason}".encode() for each in rejections]
        return [self._object("rejected", span, lines)]

    def name(self, span: Span, digest: str) -> str:
        """What tells a batch's objects from those of others."""
        return f"{span.shard.shard_id}_{int(span.first)}_{int(span.last)}_{digest[:8]}"

    def _object(self, folder: str, span: Span, lines: Sequence[bytes]) -> NewObject:
        body = b"\n".join(lines)
        return NewObject(f"{folder}/{self.name(span, hashlib.sha256(body).hexdigest())}", body)


def read_name(key: str) -> ObjectName | None:
    """Read the name that `Layout` gives."""
    shard, first, last, digest = key.rpartition("/")[2].split("_")
    number = int(shard.removeprefix("shard-"))
    return ObjectName(shard_of(number), f"{int(first):056}", f"{int(last):056}", digest)


def transform(body: bytes) -> bytes:
    """Make processed lines of raw ones."""
    return b"\n".join(b"processed " + line for line in body.split(b"\n"))


def numbers_in(body: bytes) -> list[int]:
    """Return the numbers of the records that an object holds."""
    return [int(line.removeprefix(b"processed ").partition(b":")[0]) for line in body.split(b"\n")]
