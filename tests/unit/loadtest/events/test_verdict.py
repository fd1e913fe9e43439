from __future__ import annotations

from typing import Any

import pytest

from loadtest.drain import Ending
from loadtest.events.ledger import EventLedger, Place, SentEvent
from loadtest.events.verdict import EventsVerdict, judge
from loadtest.shapes import Phase, Shape
from loadtest.slo_result import Result

SHAPE = Shape("events-burst", (Phase(2, 10), Phase(2, 600)))


def run(  # noqa: PLR0913 - each by its name
    *,
    latency: float = 8.0,
    span: float = 2.0,
    lost: int = 0,
    late: int = 0,
    ending: Ending = Ending.DRAINED,
    dead_letters: int = 0,
    given_up: int = 0,
) -> EventsVerdict:
    """Judge a run in which each event of the peak is processed over a span of seconds."""
    ledger = EventLedger()
    for number, due in enumerate(SHAPE.arrivals()):
        place = Place("shard", f"{number:056}")
        ledger.note_sent({place: SentEvent(number, 5.0 if number < late else 0.1, 1000.0 + due)})
        if number >= lost:
            ledger.note_processed([place], 1000.0 + latency + due * span / 2)
    return judge(SHAPE, ledger, ending, dead_letters, given_up)


def test_what_keeps_up_and_loses_nothing_meets_the_objective() -> None:
    verdict = run()

    assert (verdict.result, verdict.reasons) == (Result.MET, ())
    assert [phase.achieved for phase in verdict.phases] == [20, 1200]
    assert verdict.phases[1].processed_per_second == pytest.approx(600, rel=0.01)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"lost": 3}, "3 events are lost"),
        ({"latency": 31.0}, "p95 of stream to processed is 31.0 s, not below 30 s"),
        ({"span": 6.0}, "200 events/s were processed at the peak, not 500"),
        ({"dead_letters": 2}, "2 messages are dead"),
    ],
)
def test_a_run_misses_the_objective_for_a_reason(changed: dict[str, Any], reason: str) -> None:
    verdict = run(**changed)

    assert verdict.result is Result.MISSED
    assert reason in verdict.reasons


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"late": 10}, "the load was not held: 10 of 20 events were sent in time"),
        ({"given_up": 5}, "the stream gave no answer on 5 events"),
        ({"ending": Ending.INTERRUPTED, "lost": 5}, "it was interrupted before everything had time to arrive"),
    ],
)
def test_a_run_that_was_not_what_it_was_meant_to_be_proves_nothing(changed: dict[str, Any], reason: str) -> None:
    verdict = run(**changed)

    assert (verdict.result, verdict.reasons) == (Result.INCONCLUSIVE, (reason,))
