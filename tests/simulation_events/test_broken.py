"""The simulation finds what is wrong with protocols that are wrong."""

from __future__ import annotations

import pytest

from simulation_events.broken import BROKEN
from simulation_events.schedule import run_seed, shrink

SCHEDULES = 3000


@pytest.mark.requirement("EVENT-PROCESS-06")
@pytest.mark.usefixtures("one_core")
@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_protocol_is_caught(broken: str) -> None:
    outcomes = (run_seed(seed, BROKEN[broken]) for seed in range(SCHEDULES))
    found = next((outcome for outcome in outcomes if outcome.violation is not None), None)
    assert found is not None, f"{broken} went through {SCHEDULES} schedules"
    print(f"{broken}: caught after {found.schedule.seed + 1} schedules: {found.violation}")  # noqa: T201 - for pytest -s


@pytest.mark.usefixtures("one_core")
@pytest.mark.parametrize("broken", ["names-by-first-and-last", "no-gate"])
def test_a_failing_schedule_is_shrunk_until_little_is_left(broken: str) -> None:
    outcomes = (run_seed(seed, BROKEN[broken]) for seed in range(SCHEDULES))
    failed = next(outcome for outcome in outcomes if outcome.violation is not None)
    shrunk = shrink(failed, BROKEN[broken])
    assert failed.violation is not None
    assert shrunk.violation is not None
    assert shrunk.violation.harm is failed.violation.harm
    assert len(shrunk.injected) <= min(4, len(failed.injected))
    assert len(shrunk.schedule.workload.records) <= len(failed.schedule.workload.records)
