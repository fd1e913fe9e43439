"""A seed is a schedule: whoever runs it, wherever, sees the same."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from simulation.broken import BROKEN
from simulation.faults import Kind
from simulation.push import Delivery
from simulation.report import describe
from simulation.schedule import REAL, Outcome, run_schedule, run_seed
from simulation.shrink import shrink

TESTS = Path(__file__).parents[1]


@pytest.mark.parametrize("seed", range(30))
def test_a_seed_and_the_decisions_drawn_from_it_are_the_same_schedule(seed: int) -> None:
    drawn = run_seed(seed, trace=True)
    assert run_seed(seed, trace=True).trace == drawn.trace
    assert run_schedule(drawn.schedule, trace=True).trace == drawn.trace


def test_another_process_that_hashes_differently_sees_the_same_schedule() -> None:
    def replay(hash_seed: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "simulation", "--seed", "7"],
            check=True,
            capture_output=True,
            text=True,
            cwd=TESTS.parent,
            env={**os.environ, "PYTHONPATH": str(TESTS), "PYTHONHASHSEED": hash_seed},
        ).stdout

    assert replay("1") == replay("2") != ""


@pytest.mark.parametrize("seed", range(30))
def test_a_seed_that_pushes_is_the_same_schedule_too(seed: int) -> None:
    design = replace(REAL, delivery=Delivery.PUSH)
    drawn = run_seed(seed, design, trace=True)
    assert drawn.schedule.push is not None
    assert run_seed(seed, design, trace=True).trace == drawn.trace
    assert run_schedule(drawn.schedule, design, trace=True).trace == drawn.trace


def first_failure(broken: str) -> Outcome:
    return next(found for found in (run_seed(seed, BROKEN[broken]) for seed in range(2000)) if found.violation)


@pytest.mark.usefixtures("one_core")
@pytest.mark.parametrize(
    "broken",
    [
        "without-lease",
        "commits-first",
        "takes-over-unseen",
        "keeps-the-bundle-id",
        "couriers-without-generation",
    ],
)
def test_a_failing_schedule_is_shrunk_until_nothing_can_be_left_out(broken: str) -> None:
    failed = first_failure(broken)
    shrunk = shrink(failed, BROKEN[broken])
    assert failed.violation is not None
    assert shrunk.violation is not None
    assert shrunk.violation.harm is failed.violation.harm
    assert 1 <= len(shrunk.injected) <= min(4, len(failed.injected))
    for left_out in shrunk.schedule.decisions:
        fewer = {point: found for point, found in shrunk.schedule.decisions.items() if point != left_out}
        again = run_schedule(replace(shrunk.schedule, decisions=fewer), BROKEN[broken])
        assert again.violation is None or again.violation.harm is not shrunk.violation.harm


@pytest.mark.usefixtures("one_core")
def test_a_failing_schedule_of_couriers_is_shrunk_to_the_bundles_and_moods_that_it_needs() -> None:
    failed = first_failure("always-probes-with-the-oldest")
    shrunk = shrink(failed, BROKEN["always-probes-with-the-oldest"])
    before, after = failed.schedule.push, shrunk.schedule.push
    assert before is not None
    assert after is not None
    assert shrunk.violation is not None
    assert len(after.parcels) <= len(before.parcels)
    for parcel in after.parcels:
        fewer = replace(after, parcels=tuple(each for each in after.parcels if each != parcel))
        again = run_schedule(replace(shrunk.schedule, push=fewer), BROKEN["always-probes-with-the-oldest"]).violation
        assert again is None or again.harm is not shrunk.violation.harm
    lines = describe(shrunk, len(failed.injected)).splitlines()
    assert any(line.startswith("  couriers: ") for line in lines)
    assert any(line.startswith("  receiver after ") for line in lines)
    assert any(line.startswith("  bundle 10") for line in lines)


@pytest.mark.usefixtures("one_core")
def test_a_failing_schedule_reads_as_what_broke_what_went_wrong_and_what_happened() -> None:
    failed = first_failure("without-lease")
    shrunk = shrink(failed, BROKEN["without-lease"])
    lines = describe(shrunk, len(failed.injected)).splitlines()
    assert lines[0].startswith(f"seed {failed.schedule.seed}: lost: message ")
    start = lines.index(f"  what goes wrong (1 of the {len(failed.injected)} decisions of the seed):")
    [decision] = lines[start + 1 : lines.index("  what happens:")]
    assert "aggregator-" in decision
    assert any(kind.value in decision for kind in Kind)
    assert lines[-1].endswith(str(shrunk.violation))
