"""The promise of the event stream, over thousands of schedules."""

from __future__ import annotations

import pytest
from simulation.campaign import Tally, run_campaign
from simulation.subject import Pipeline

from simulation_events.faults import POSSIBLE
from simulation_events.report import describe
from simulation_events.schedule import REAL, run_schedule, run_seed, shrink

SCHEDULES = 4000


@pytest.fixture(scope="module")
def tally() -> Tally:
    counted = Tally()
    for chunk in run_campaign(SCHEDULES, pipeline=Pipeline.EVENTS):
        counted.add(chunk)
    return counted


@pytest.mark.requirement("EVENT-PROCESS-06", "EVENT-FLOW-03", "EVENT-SCALE-02")
def test_no_schedule_loses_or_doubles_or_misjudges_a_record_or_a_row(tally: Tally) -> None:
    if tally.failed:
        first = run_seed(min(tally.failed))
        pytest.fail(describe(shrink(first, REAL), len(first.injected)), pytrace=False)
    assert tally.schedules == SCHEDULES


def test_every_kind_of_fault_meets_every_call_that_it_can_meet(tally: Tally) -> None:
    assert {(name, kind) for name, kinds in POSSIBLE.items() for kind in kinds} <= tally.met


@pytest.mark.parametrize("seed", range(10))
def test_a_seed_and_the_decisions_drawn_from_it_are_the_same_schedule(seed: int) -> None:
    drawn = run_seed(seed, trace=True)
    assert run_seed(seed, trace=True).trace == drawn.trace
    assert run_schedule(drawn.schedule, trace=True).trace == drawn.trace
