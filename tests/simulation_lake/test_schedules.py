"""The promise of the lake, over thousands of schedules."""

from __future__ import annotations

import pytest

from simulation_lake.faults import POSSIBLE
from simulation_lake.schedule import REAL, describe, run_schedule, run_seed, shrink

SCHEDULES = 2500


@pytest.mark.usefixtures("one_core")
def test_no_schedule_loses_or_doubles_or_miscounts_a_record_and_every_fault_meets_every_call() -> None:
    met = set[tuple[str, object]]()
    for seed in range(SCHEDULES):
        outcome = run_seed(seed)
        if outcome.violation is not None:
            pytest.fail(describe(shrink(outcome, REAL)), pytrace=False)
        met.update((injected.name, injected.decision.kind) for injected in outcome.injected)
    assert {(name, kind) for name, kinds in POSSIBLE.items() for kind in kinds} <= met


@pytest.mark.parametrize("seed", range(20))
def test_a_seed_and_the_decisions_drawn_from_it_are_the_same_schedule(seed: int) -> None:
    drawn = run_seed(seed, trace=True)
    assert run_seed(seed, trace=True).trace == drawn.trace
    assert run_schedule(drawn.schedule, trace=True).trace == drawn.trace
