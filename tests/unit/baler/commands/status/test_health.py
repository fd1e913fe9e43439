"""When a stack is well, and what its latency looks like."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO

import pytest
from rich.console import Console

from baler.commands.status.health import (
    OBJECTIVE_SECONDS,
    TYPICAL_OBJECTIVE_SECONDS,
    HealthStatus,
    LatencyPercentiles,
    NewestMetrics,
    Queue,
    Status,
    Unanswered,
)
from baler.commands.status.screen import screen
from components.files import timing

WELL = Status(
    stack="prod",
    at=datetime(2026, 11, 21, 12, 31, tzinfo=UTC),
    queue=Queue(0, 0),
    dead_letters=0,
    measured=NewestMetrics(None, None, None, None),
    last_bundle=None,
    latency=LatencyPercentiles(36_000, 11.5, 120.0, 180.0),
    alarms=(),
)


def shown(status: Status) -> str:
    text = StringIO()
    Console(file=text, width=200).print(screen(status))
    return text.getvalue()


def test_the_objectives_are_those_of_the_alarms() -> None:
    assert TYPICAL_OBJECTIVE_SECONDS == timing.TYPICAL_DELIVERY_OBJECTIVE_SECONDS
    assert OBJECTIVE_SECONDS == timing.DELIVERY_OBJECTIVE_SECONDS


def test_an_objective_that_is_just_met_is_met() -> None:
    assert (WELL.reasons(), WELL.health) == ([], HealthStatus.HEALTHY)
    assert "36000 files to the mailbox: p50 11.5 s, p95 120.0 s of 120, p99.9 180.0 s of 180" in shown(WELL)


@pytest.mark.requirement("PULL-NFR-02")
@pytest.mark.parametrize(
    ("latency", "reason"),
    [
        (LatencyPercentiles(9, 1.0, 121.0, 180.0), "95% of the last hour's files took up to 121 s, more than 120 s"),
        (LatencyPercentiles(9, 1.0, 2.0, 181.0), "99.9% of the last hour's files took up to 181 s, more than 180 s"),
    ],
)
def test_an_objective_that_was_missed_is_unhealthy(latency: LatencyPercentiles, reason: str) -> None:
    late = replace(WELL, latency=latency)
    assert (late.reasons(), late.health) == ([reason], HealthStatus.UNHEALTHY)
    assert f"! {reason}" in shown(late)


def test_every_part_that_is_not_known_leaves_the_verdict_open_and_the_screen_whole() -> None:
    unknown = Unanswered("CloudWatch is \x1b[2Jaway")
    parts = ("queue", "dead_letters", "measured", "last_bundle", "latency", "alarms")
    for part in parts:
        assert replace(WELL, **{part: unknown}).health is HealthStatus.UNKNOWN, part
    dark = replace(WELL, **dict.fromkeys(parts, unknown))
    assert dark.unanswered() == dict.fromkeys(parts, unknown.why)
    assert shown(dark).count("CloudWatch is \\x1b[2Jaway") == len(parts)
