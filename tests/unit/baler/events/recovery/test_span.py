from __future__ import annotations

import pytest

from baler.events.recovery.span import Span, uncovered_runs
from baler.events.stream_record import StreamRecord


def records(*numbers: str) -> list[StreamRecord]:
    return [StreamRecord("shardId-000000000000", number, 0, "key", 0.0, b"{}") for number in numbers]


def numbers(runs: list[tuple[StreamRecord, ...]]) -> list[list[str]]:
    return [[record.sequence_number for record in run] for run in runs]


@pytest.mark.parametrize(
    ("covered", "left"),
    [
        ([], [["11", "12", "13", "17"]]),
        ([Span("01", "99")], []),
        ([Span("12", "12")], [["11"], ["13", "17"]]),
        ([Span("12", "13"), Span("11", "11")], [["17"]]),
        # A batch of which none is among these still parts them: a batch over both would cover it again.
        ([Span("14", "16")], [["11", "12", "13"], ["17"]]),
        ([Span("18", "19")], [["11", "12", "13", "17"]]),
    ],
)
def test_what_no_batch_covers_is_left_in_runs_between_which_none_lies(
    covered: list[Span], left: list[list[str]]
) -> None:
    assert numbers(uncovered_runs(records("11", "12", "13", "17"), covered)) == left


def test_a_span_does_not_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="ends where it begins"):
        Span("12", "11")


def test_spans_overlap_where_a_number_can_lie_in_both() -> None:
    assert Span("11", "13").overlaps(Span("13", "15"))
    assert not Span("11", "13").overlaps(Span("14", "15"))
