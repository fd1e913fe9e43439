"""The lake's status for people, on one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from baler.cli.report import printable
from baler.commands.status.health import Unanswered
from baler.commands.status.screen_frame import (
    BAD,
    GOOD,
    UNSURE,
    Row,
    alarm_counts,
    dead_letter_count,
    frame,
    screen_duration,
    why_unanswered,
)
from baler.lake.objectives import FAILURES, VISIBLE_SECONDS

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import RenderableType

    from baler.commands.status.lake.health import LakeHour, LakeStatus
    from baler.lake.aws.source_table import SourceReading


def lake_screen(status: LakeStatus) -> RenderableType:
    """Return everything about the lake of a stack."""
    return frame(status, lake_rows(status))


def lake_rows(status: LakeStatus) -> list[Row]:
    """Return its parts, a line each."""
    return [
        *_sources(status),
        Row("To curate", _queue(status)),
        Row("Dead letters", dead_letter_count(status.dead_letters), detail=status.dead_letters == 0),
        Row("Last hour", _last_hour(status.last_hour)),
        Row("API", _api(status.last_hour)),
        Row("Alarms", alarm_counts(status.alarms), detail=True),
    ]


def _sources(status: LakeStatus) -> list[Row]:
    if isinstance(status.sources, Unanswered):
        return [Row("Sources", why_unanswered(status.sources))]
    if not status.sources:
        return [Row("Sources", Text("none was fetched yet", UNSURE))]
    return [
        Row("Sources" if not place else "", _source(source, status.at), detail=bool(place) and not source.failures)
        for place, source in enumerate(status.sources)
    ]


def _source(source: SourceReading, now: datetime) -> Text:
    text = Text(f"{printable(source.source)} ")
    if source.last_success is None:
        text.append("never fetched well", BAD)
    else:
        text.append(f"fetched well {screen_duration((now - source.last_success).total_seconds())} ago")
    if source.failures:
        failed = f", {source.failures} failed since: {printable(source.last_reason)}"
        text.append(failed, BAD if source.failures >= FAILURES else UNSURE)
    return text


def _queue(status: LakeStatus) -> Text:
    if isinstance(status.queue, Unanswered):
        return why_unanswered(status.queue)
    text = Text(f"{status.queue.waiting:,} raw objects waiting, {status.queue.in_flight:,} in flight")
    if isinstance(status.left_age, Unanswered):
        return text.append(", age: ").append(why_unanswered(status.left_age))
    if status.left_age is not None and status.left_age.value:
        text.append(f", oldest that failed {screen_duration(status.left_age.value)}", BAD)
        text.append(f"  at {status.left_age.at:%H:%M}", "dim")
    return text


def _last_hour(hour: LakeHour | Unanswered) -> Text:
    if isinstance(hour, Unanswered):
        return why_unanswered(hour)
    text = Text(f"{hour.new:,} records new, {hour.replaced:,} replaced")
    if hour.set_aside:
        text.append(f", {hour.set_aside:,} set aside", UNSURE)
    if hour.p95 is None:
        return text.append(", latency: ").append("no data", UNSURE)
    text.append(", in the table: ").append(f"p95 {hour.p95:.1f} s", BAD if hour.p95 > VISIBLE_SECONDS else GOOD)
    return text.append(f" of {VISIBLE_SECONDS}", "dim")


def _api(hour: LakeHour | Unanswered) -> Text:
    if isinstance(hour, Unanswered):
        return why_unanswered(hour)
    text = Text(f"{hour.requests:,} requests, ").append(f"{hour.errors:,} failed", BAD if hour.errors else GOOD)
    return text if hour.api_p99 is None else text.append(f", p99 {hour.api_p99:,.0f} ms")
