"""The simulation finds what is wrong with protocols that are wrong."""

from __future__ import annotations

import pytest

from simulation.broken import BROKEN
from simulation.schedule import Outcome, run_seed

# What only goes wrong when two rare things meet takes longer to find.
RARE = dict.fromkeys(["forgets-the-insert", "never-looks-again", "gives-back-by-deleting"], 10_000)


def first_failure(broken: str, schedules: int) -> Outcome | None:
    outcomes = (run_seed(seed, BROKEN[broken]) for seed in range(schedules))
    return next((outcome for outcome in outcomes if outcome.violation is not None), None)


@pytest.mark.requirement("PULL-NFR-08")
@pytest.mark.usefixtures("one_core")
@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_protocol_is_caught(broken: str) -> None:
    schedules = RARE.get(broken, 2000)
    found = first_failure(broken, schedules)
    assert found is not None, f"{broken} went through {schedules} schedules"
    print(f"{broken}: caught after {found.schedule.seed + 1} schedules: {found.violation}")  # noqa: T201 - for pytest -s
