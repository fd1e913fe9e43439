"""The event stream's status for people, on one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.text import Text

from baler.commands.status.health import Unanswered
from baler.commands.status.screen_frame import (
    BAD,
    GOOD,
    UNSURE,
    Row,
    alarm_counts,
    dead_letter_count,
    frame,
    no_data,
    screen_duration,
    why_unanswered,
)
from baler.events.objectives import END_TO_END_SECONDS, ITERATOR_AGE_SECONDS

if TYPE_CHECKING:
    from rich.console import RenderableType

    from baler.commands.status.events.health import EventStatus, LastHour, StreamState
    from baler.commands.status.health import MetricReading, Queue

_LATE: Final = ITERATOR_AGE_SECONDS


def event_screen(status: EventStatus) -> RenderableType:
    """Return everything about the event stream of a stack."""
    return frame(status, event_rows(status))


def event_rows(status: EventStatus) -> list[Row]:
    """Return its parts, a line each."""
    given_up = (status.transform_dead_letters, status.compaction_dead_letters)
    return [
        Row("Stream", _stream(status.stream)),
        Row("Waiting", _waiting(status)),
        Row("To transform", _queue(status.transform)),
        Row("To compact", _queue(status.compaction), detail=True),
        Row("Dead letters", _dead_letters(status), detail=given_up == (0, 0)),
        Row("Last hour", _last_hour(status.last_hour)),
        Row("Table", _table(status), detail=True),
        Row("Alarms", alarm_counts(status.alarms), detail=True),
    ]


def _stream(stream: StreamState | Unanswered) -> Text:
    if isinstance(stream, Unanswered):
        return why_unanswered(stream)
    text = Text(f"{stream.status}, {stream.open_shards} open shards, {stream.retention_hours} h kept, ")
    return text.append("read" if stream.mapping == "Enabled" else f"reader: {stream.mapping or 'none'}")


def _waiting(status: EventStatus) -> Text:
    if isinstance(status.measured, Unanswered):
        return why_unanswered(status.measured)
    ages = [age for age in (status.measured.batch_age, status.measured.iterator_age) if age is not None]
    if not ages:
        return no_data()
    oldest = max(ages, key=lambda age: age.value)
    text = Text(f"oldest event {screen_duration(oldest.value)}", BAD if oldest.value > _LATE else "")
    return text.append(f" of {_LATE} s  at {oldest.at:%H:%M}", "dim")


def _queue(queue: Queue | Unanswered) -> Text:
    if isinstance(queue, Unanswered):
        return why_unanswered(queue)
    return Text(f"{queue.waiting:,} objects waiting, {queue.in_flight:,} in flight")


def _dead_letters(status: EventStatus) -> Text:
    return (
        Text("transformer ")
        .append(dead_letter_count(status.transform_dead_letters))
        .append(", compactor ")
        .append(dead_letter_count(status.compaction_dead_letters))
    )


def _last_hour(hour: LastHour | Unanswered) -> Text:
    if isinstance(hour, Unanswered):
        return why_unanswered(hour)
    text = Text(f"{hour.events:,} events, {hour.rejected:,} rejected")
    if hour.set_aside:
        text.append(f" ({hour.set_aside:,} set aside)", BAD)
    if hour.p50 is None or hour.p95 is None or hour.p99 is None:
        return text.append(", latency: ").append("no data", UNSURE)
    text.append(f", processed: p50 {hour.p50:.1f} s, ")
    text.append(f"p95 {hour.p95:.1f} s", BAD if hour.p95 > END_TO_END_SECONDS else GOOD)
    return text.append(f" of {END_TO_END_SECONDS}", "dim").append(f", p99 {hour.p99:.1f} s")


def _table(status: EventStatus) -> Text:
    if isinstance(status.measured, Unanswered):
        return why_unanswered(status.measured)
    delay: MetricReading | None = status.measured.compaction_delay
    if delay is None:
        return no_data()
    return Text(f"last commit {screen_duration(delay.value)} after arrival").append(f"  at {delay.at:%H:%M}", "dim")
