"""Which records of a shard are committed: by spans of sequence numbers, and what they leave over."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from baler.events.stream_record import StreamRecord


@dataclass(frozen=True, order=True, slots=True)
class Span:
    """The sequence numbers from `first` to `last`, both included, of one shard.

    A batch commits each record in its span.

    Raises:
        ValueError: it ends before it begins.
    """

    first: str
    last: str

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise ValueError("a span ends where it begins, or later")

    def holds(self, sequence_number: str) -> bool:
        """Whether a sequence number lies in it.

        >>> Span("12", "14").holds("13"), Span("12", "14").holds("15")
        (True, False)
        """
        return self.first <= sequence_number <= self.last

    def overlaps(self, other: Span) -> bool:
        """Whether a sequence number can lie in both."""
        return self.first <= other.last and other.first <= self.last


def uncovered_runs(records: Sequence[StreamRecord], covered: Iterable[Span]) -> list[tuple[StreamRecord, ...]]:
    """Return the records that lie in no span, in runs between which there is one.

    A run becomes a batch, and a batch covers all from its first to its last record: no other's may lie between them.

    Args:
        records: all that their shard has from the first to the last of them, in its order.
        covered: in any order.
    """
    spans = sorted(covered)

    def spans_before(record: StreamRecord) -> int:
        return sum(span.first <= record.sequence_number for span in spans)

    free = [record for record in records if not any(span.holds(record.sequence_number) for span in spans)]
    return [tuple(run) for _, run in groupby(free, spans_before)]
