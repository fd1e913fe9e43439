"""The promise of the claim protocol and of the courier, over thousands of schedules."""

from __future__ import annotations

import pytest

from simulation.campaign import Tally, run_campaign
from simulation.faults import POSSIBLE
from simulation.report import describe
from simulation.schedule import REAL, run_seed
from simulation.shrink import shrink

# Three in ten push their bundles.
SCHEDULES = 11_400


@pytest.fixture(scope="module")
def tally() -> Tally:
    counted = Tally()
    for chunk in run_campaign(SCHEDULES):
        counted.add(chunk)
    return counted


@pytest.mark.requirement("PULL-REQ-02", "PULL-NFR-01", "PULL-NFR-08", "PULL-NFR-09")
def test_no_schedule_loses_doubles_or_damages_anything(tally: Tally) -> None:
    if tally.failed:
        first = run_seed(min(tally.failed))
        pytest.fail(describe(shrink(first, REAL), len(first.injected)), pytrace=False)
    assert tally.schedules == SCHEDULES


def test_every_kind_of_fault_meets_every_call_that_it_can_meet(tally: Tally) -> None:
    """The real protocol never asks what a broken one does."""
    possible = {(name, kind) for name, kinds in POSSIBLE.items() for kind in kinds if name != "archive.head"}
    assert possible <= tally.met
