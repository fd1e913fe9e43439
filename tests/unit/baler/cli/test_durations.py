"""Durations for people."""

from __future__ import annotations

import pytest

from baler.cli.durations import duration


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-3.0, "0 s"), (59.9, "59 s"), (60, "1 min"), (3599, "59 min"), (3600, "1 h"), (86_400, "1 d"), (10**6, "11 d")],
)
def test_a_duration_is_in_its_largest_unit_rounded_down(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(600, "600 s"), (601, "10 min")])
def test_seconds_can_be_kept_for_longer(seconds: float, text: str) -> None:
    assert duration(seconds, in_seconds_up_to=600) == text
