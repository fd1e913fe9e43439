"""What counts as growth, and what does not."""

from __future__ import annotations

import random

import pytest

from loadtest.growth import Tolerance, trend_of

TOLERANCE = Tolerance(absolute=8.0, share=0.05)
HOUR = 3600.0


def series(points: int, *, leak: float = 0.0, noise: float = 0.0) -> list[tuple[float, float]]:
    """An hour of 100 MB, with a leak in MB an hour and noise."""
    dice = random.Random(7)  # noqa: S311 - noise
    return [
        (HOUR * n / (points - 1), 100.0 + leak * n / (points - 1) + noise * dice.gauss(0, 1)) for n in range(points)
    ]


@pytest.mark.parametrize("points", [20, 100, 2880])
def test_a_steady_leak_above_the_tolerance_grew(points: int) -> None:
    trend = trend_of(series(points, leak=40.0, noise=1.0), TOLERANCE)
    assert trend.grew is True
    assert trend.per_hour == pytest.approx(40.0, rel=0.1)
    assert trend.gained == pytest.approx(20.0, rel=0.15)


@pytest.mark.parametrize("leak", [0.0, 10.0, -40.0])
def test_what_gains_less_than_the_tolerance_did_not(leak: float) -> None:
    assert trend_of(series(600, leak=leak, noise=1.0), TOLERANCE).grew is False


def test_noise_however_wide_is_no_growth() -> None:
    assert trend_of(series(600, noise=60.0), TOLERANCE).grew is False


def test_warm_up_is_no_growth() -> None:
    warm = [(at, min(value + at / 4, 400.0)) for at, value in series(600, noise=1.0)]
    assert trend_of(warm, TOLERANCE).grew is False


def test_outliers_are_no_growth() -> None:
    spiked = [(at, value + (900.0 if number % 10 == 9 else 0.0)) for number, (at, value) in enumerate(series(600))]
    assert trend_of(spiked, TOLERANCE).grew is False


def test_a_run_says_from_which_leak_on_it_would_have_seen_it() -> None:
    smallest = trend_of(series(600), TOLERANCE).smallest_per_hour
    assert trend_of(series(600, leak=smallest * 1.1), TOLERANCE).grew is True
    assert trend_of(series(600, leak=smallest * 0.9), TOLERANCE).grew is False


@pytest.mark.parametrize("points", [[], [(0.0, 1.0)], series(12), [(5.0, 1.0)] * 40])
def test_too_few_points_say_nothing(points: list[tuple[float, float]]) -> None:
    assert trend_of(points, TOLERANCE).grew is None
