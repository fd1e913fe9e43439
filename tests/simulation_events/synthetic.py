"""Small records, and what the processor and the transformer are given to read and to write them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from baler.events.rejection_reason import RejectionReason
from baler.events.stream_record import Event, Parsed, Rejection
from runtime.events.transformer.ports import ProcessedContent
from simulation_events.workload import Nature

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from baler.events.stream_record import StreamRecord


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


def transform(body: bytes, code: int) -> ProcessedContent:
    """Make processed lines of raw ones, as a version of the code does."""
    lines = body.splitlines()
    return ProcessedContent(b"".join(b"processed %d %s\n" % (code, line) for line in lines), len(lines), 0.0)


def code_in(line: bytes) -> int:
    """Return the version of the code that made a processed line."""
    return int(line.split()[1])


def number_in(line: bytes) -> int:
    """Return the number of the record in a line, raw or processed."""
    return int(line.split()[-1])


def numbers_in(body: bytes) -> list[int]:
    """Return the numbers of the records that an object of events holds."""
    return [number_in(line) for line in body.splitlines()]


def rejected_numbers_in(body: bytes) -> list[int]:
    """Return the numbers of the records that an object of rejected lines holds."""
    return [int(json.loads(line)["sequence_number"]) for line in body.splitlines()]
