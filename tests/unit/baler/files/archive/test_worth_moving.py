"""From which size Deep Archive costs less."""

from __future__ import annotations

import pytest

from baler.files.archive.worth_moving import KEPT_YEARS, worth_moving_bytes
from baler.prices import GIGABYTE, price


def cost_of_keeping(size: float, *, moved: bool) -> float:
    """US dollars for one bundle over all years: where it is, or in Deep Archive with what a move adds."""
    months = 12 * KEPT_YEARS
    if not moved:
        return price("s3_standard").of(size / GIGABYTE * months)
    in_archive = price("deep_archive").of((size + 32 * 1024) / GIGABYTE * months)
    index_of_archive = price("s3_standard").of(8 * 1024 / GIGABYTE * months)
    return price("deep_archive_transition").of(1) + in_archive + index_of_archive


@pytest.mark.requirement("PULL-NFR-03")
def test_a_bundle_of_that_size_costs_the_same_either_way_and_a_larger_one_less_when_it_has_moved() -> None:
    size = worth_moving_bytes()
    assert cost_of_keeping(size, moved=True) == pytest.approx(cost_of_keeping(size, moved=False), rel=1e-4)
    assert cost_of_keeping(2 * size, moved=True) < cost_of_keeping(2 * size, moved=False)
    assert cost_of_keeping(size / 2, moved=True) > cost_of_keeping(size / 2, moved=False)


def test_a_full_bundle_of_a_hundred_readings_moves_and_one_of_twenty_does_not() -> None:
    assert 20 * 2_000 / 2.9 < worth_moving_bytes() < 100 * 2_000 / 2.9
