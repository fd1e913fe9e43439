"""Cuts a batch before the first record that can only be processed later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baler.events.stream_record import Event, Parsed, Rejection, StreamRecord


@dataclass(frozen=True, slots=True)
class Readable:
    """The beginning of a batch of which every record can be processed now.

    Attributes:
        records: without gap, from the first of the batch on; maybe none.
        events, rejections: what these hold.
        deferred: sequence number of the first record that follows them in the batch; None if they are all of it.
    """

    records: tuple[StreamRecord, ...]
    events: tuple[Event, ...]
    rejections: tuple[Rejection, ...]
    deferred: str | None

    @property
    def first(self) -> str:
        """Sequence number of the first record."""
        return self.records[0].sequence_number

    @property
    def last(self) -> str:
        """Sequence number of the last record."""
        return self.records[-1].sequence_number

    def half(self) -> Readable:
        """Return the first half of the sequence numbers; there must be two at least."""
        numbers = sorted({record.sequence_number for record in self.records})
        return self.before(numbers[len(numbers) // 2])

    def before(self, sequence_number: str) -> Readable:
        """Return what lies before a sequence number, which is deferred then."""
        return Readable(
            tuple(record for record in self.records if record.sequence_number < sequence_number),
            tuple(event for event in self.events if event.record.sequence_number < sequence_number),
            tuple(each for each in self.rejections if each.record.sequence_number < sequence_number),
            sequence_number,
        )


def cut(records: Sequence[StreamRecord], parsed: Parsed) -> Readable:
    """Return what can be processed now.

    The cut lies between sequence numbers, never inside one: the events of an aggregated record are committed together,
    since the frontier knows only numbers. A record that the parser says nothing of is never passed over.
    """
    known = {each.record.sequence_number for each in (*parsed.events, *parsed.rejections)}
    whole = Readable(tuple(records), tuple(parsed.events), tuple(parsed.rejections), None)
    for record in records:
        if record.sequence_number not in known:
            return whole.before(record.sequence_number)
    return whole
