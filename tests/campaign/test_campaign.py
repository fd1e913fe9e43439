"""The promise of the consumer, over hundreds of seeded cases."""

from __future__ import annotations

import pytest

from campaign.driver import FAMILIES, Outcome, run_case

CASES_OF_A_FAMILY = 40


@pytest.mark.parametrize("family", FAMILIES)
def test_whatever_arrives_nothing_leaves_the_folder_is_overwritten_lost_or_stuck(family: str) -> None:
    first = list(FAMILIES).index(family)
    seeds = range(first, first + CASES_OF_A_FAMILY * len(FAMILIES), len(FAMILIES))
    outcomes: list[Outcome] = [run_case(seed) for seed in seeds]
    assert {outcome.family for outcome in outcomes} == {family}
    assert [outcome for outcome in outcomes if outcome.harm] == []
