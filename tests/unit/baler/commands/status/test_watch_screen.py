"""What `baler status --watch` puts on terminals of several sizes."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from baler.commands.status.events.health import EventStatus, LastHour, NewestEventMetrics, StreamState
from baler.commands.status.health import (
    AlarmState,
    LastBundle,
    LatencyPercentiles,
    MetricReading,
    NewestMetrics,
    Queue,
    Status,
    Unanswered,
)
from baler.commands.status.inspectors import StackStatus
from baler.commands.status.lake.health import LakeHour, LakeStatus
from baler.commands.status.pace import MINUTES, Pace, PaceMetrics
from baler.commands.status.watch_screen import WatchScreen

if TYPE_CHECKING:
    from conftest import Stack

NOW = datetime(2026, 3, 8, 12, 42, 47, tzinfo=UTC)
SIZES = ((60, 24), (80, 24), (120, 40), (200, 50))


def reading(value: float) -> MetricReading:
    return MetricReading(value, NOW)


def alarm(name: str, state: str = "ALARM") -> AlarmState:
    said = f"What {name} means. First: look. Runbook: docs/runbooks/{name}.md"
    return AlarmState(name, state, NOW - timedelta(minutes=12), said)


FILES = Status(
    stack="prod",
    at=NOW,
    queue=Queue(1_200, 100),
    dead_letters=0,
    measured=NewestMetrics(reading(4), reading(36), reading(2_500_000), reading(40)),
    last_bundle=LastBundle("20260308T124246310Z-38b24571e357cfba", NOW, 14_300, 100),
    latency=LatencyPercentiles(12_000, 1.4, 5.2, 9.8),
    alarms=(alarm("files-queue-age", "OK"),),
)
EVENTS = EventStatus(
    stack="prod",
    at=NOW,
    stream=StreamState("ACTIVE", 2, 24, "Enabled"),
    transform=Queue(3, 1),
    transform_dead_letters=0,
    compaction=Queue(0, 0),
    compaction_dead_letters=0,
    measured=NewestEventMetrics(reading(2), reading(1), None, reading(70)),
    last_hour=LastHour(36_000, 12, 0, 3.1, 8.2, 12.0),
    alarms=(alarm("events-outage", "OK"),),
)
LAKE = LakeStatus(
    stack="prod",
    at=NOW,
    sources=(),
    queue=Queue(0, 0),
    dead_letters=0,
    left_age=None,
    last_hour=LakeHour(110, 3, 0, 45, 0, 2.2, 31),
    alarms=(alarm("lake-source", "OK"),),
)
PACES = {
    "files": Pace("files", "bundles", (*range(0, 570, 30), 598), 52),
    "events": Pace("events", "raw objects", (0,) * MINUTES, 0),
    "lake": Pace("records", "raw objects", (*(0,) * (MINUTES - 1), 110), 2),
}
ALL = StackStatus(FILES, EVENTS, LAKE)


def shown(
    status: StackStatus,
    width: int,
    height: int,
    *,
    paces: dict[str, Pace] | Unanswered = PACES,
    encoding: str = "utf-8",
) -> list[str]:
    """What a terminal of this size, without colour, has in its lines."""
    written = io.BytesIO()
    terminal = io.TextIOWrapper(written, encoding=encoding)
    console = Console(file=terminal, width=width, height=height, no_color=True, force_terminal=False)
    console.print(WatchScreen(status.pipelines(), paces, 10))
    terminal.flush()
    return written.getvalue().decode(encoding).rstrip("\n").split("\n")


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_screen_never_outgrows_its_terminal_and_names_each_pipeline(width: int, height: int) -> None:
    lines = shown(ALL, width, height)
    assert len(lines) <= height
    assert max(map(len, lines)) <= width
    text = "\n".join(lines)
    assert "more: " not in text
    for pipeline in ("files", "events", "lake"):
        assert f"{pipeline}: healthy" in text
    assert "1,200 waiting" in text
    assert "598, at most 598" in text
    assert text.count("p95") == 3


def test_pipelines_stand_side_by_side_where_there_is_room_and_below_each_other_where_there_is_none() -> None:
    assert "files: healthy" in shown(ALL, 200, 50)[1]
    assert "events: healthy" in shown(ALL, 200, 50)[1]
    assert "events: healthy" not in shown(ALL, 100, 50)[1]


def test_details_are_shown_as_far_as_there_is_room() -> None:
    high, low = "\n".join(shown(ALL, 80, 60)), "\n".join(shown(ALL, 80, 24))
    for detail in ("Last bundle", "52 bundles in 20 minutes, 110 files each", "To compact", "Dead letters"):
        assert detail in high
        assert detail not in low


def test_what_is_wrong_stands_first_each_alarm_with_its_runbook() -> None:
    alarms = (alarm("files-queue-age"), alarm("files-slow", "OK"))
    lines = shown(replace(ALL, files=replace(FILES, dead_letters=2, alarms=alarms)), 80, 24)
    assert lines[1] == "! files: 2 dead letters: see `baler dead-letters list`"
    assert lines[2] == "! files-queue-age, for 12 min: docs/runbooks/files-queue-age.md"
    assert "files: UNHEALTHY" in lines[3]


def test_a_terminal_too_small_for_all_says_how_much_it_leaves_out_and_leaves_room_for_what_is_well() -> None:
    alarms = tuple(alarm(f"files-{number}") for number in range(30))
    lines = shown(replace(ALL, files=replace(FILES, alarms=alarms)), 80, 24)
    assert lines[8] == "... 23 more: `baler status` shows all"
    assert lines[9] == "files: UNHEALTHY"
    assert len(lines) == 24
    assert lines[-1].endswith("more: `baler status` shows all")


def test_a_terminal_without_blocks_gets_a_sparkline_of_letters() -> None:
    (line,) = (line for line in shown(StackStatus(FILES, None, None), 80, 24, encoding="ascii") if "/min" in line)
    assert line.split()[1] == "_..---:::===+++***##"


def test_the_sparkline_is_highest_where_most_passed_and_flat_where_nothing_did() -> None:
    def drawn(pipeline: StackStatus) -> str:
        return next(line.split()[1] for line in shown(pipeline, 80, 24) if "/min" in line)

    assert drawn(StackStatus(FILES, None, None)) == "▁▂▂▃▃▃▄▄▄▅▅▅▆▆▆▇▇▇██"
    assert drawn(StackStatus(None, EVENTS, None)) == "▁" * MINUTES


def test_a_pace_that_nobody_knows_hides_nothing_else() -> None:
    text = "\n".join(shown(ALL, 80, 24, paces=Unanswered("not allowed: your role may not GetMetricData")))
    assert text.count("not allowed: your role may not GetMetricData") == 3
    assert "1,200 waiting" in text


def test_the_pace_counts_whole_minutes_and_leaves_the_running_one_out(stack: Stack) -> None:
    # In the middle of a minute, whenever the test runs.
    measured = datetime.now(UTC).replace(second=30, microsecond=0)
    stack.measure("Files", 100, at=measured)
    stack.measure("Files", 50, at=measured)
    stack.measure("Bundles", 1, at=measured)
    paces = PaceMetrics(stack.cloudwatch, "prod", ["files"])
    assert paces.last_minutes(measured)["files"].minutes == (0,) * MINUTES
    later = paces.last_minutes(measured + timedelta(minutes=3))["files"]
    assert later == Pace("files", "bundles", (*(0,) * (MINUTES - 3), 150, 0, 0), 1)
