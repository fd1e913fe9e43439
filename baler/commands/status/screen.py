"""A status for people, on one screen."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from rich.filesize import decimal
from rich.text import Text

from baler.cli.report import quantity
from baler.commands.status.health import OBJECTIVE_SECONDS, TYPICAL_OBJECTIVE_SECONDS, Queue, Unanswered
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

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import RenderableType

    from baler.commands.status.health import LastBundle, LatencyPercentiles, MetricReading, Status


def screen(status: Status) -> RenderableType:
    """Return everything about a stack."""
    return frame(status, rows(status))


def rows(status: Status) -> list[Row]:
    """Return its parts, a line each."""
    return [
        Row("Ingest queue", _queue(status)),
        Row("Dead letters", dead_letter_count(status.dead_letters), detail=status.dead_letters == 0),
        Row("Mailbox", _mailbox(status)),
        *_delivery(status),
        Row("Last bundle", _last_bundle(status.last_bundle, status.at), detail=True),
        Row("Last hour", _latency(status.latency)),
        Row("Alarms", alarm_counts(status.alarms), detail=True),
    ]


def _queue(status: Status) -> Text:
    age = status.queue_age
    late = age is not None and age > OBJECTIVE_SECONDS
    if isinstance(status.queue, Unanswered):
        return why_unanswered(status.queue)
    text = Text(f"{status.queue.waiting:,} waiting, {status.queue.in_flight:,} in flight")
    if age is not None:
        text.append(f", oldest {screen_duration(age)}", BAD if late else "")
    elif status.queue != Queue(0, 0):
        text.append(", age: ").append(_why_no_data(status))
    return text


def _mailbox(status: Status) -> Text:
    measured = status.measured
    if isinstance(measured, Unanswered) or measured.mailbox_objects is None:
        return _why_no_data(status)
    objects = round(measured.mailbox_objects.value)
    text = Text(f"{objects:,} {'bundle' if objects == 1 else 'bundles'}")
    if measured.mailbox_bytes:
        text.append(f", {decimal(round(measured.mailbox_bytes.value))}")
    if objects and measured.mailbox_age:
        text.append(f", oldest {screen_duration(measured.mailbox_age.value)}")
    return text.append(_as_of(measured.mailbox_objects), "dim")


def _delivery(status: Status) -> list[Row]:
    """Return the line of a pushed delivery; none where a consumer takes the bundles."""
    measured = status.measured
    if isinstance(measured, Unanswered) or not measured.pushed:
        return []
    text = Text()
    if measured.breaker_open is None:
        text.append("no data: the courier is silent", UNSURE)
    elif not measured.breaker_open.value:
        text.append("breaker closed", GOOD)
    else:
        text.append("breaker OPEN", BAD)
        if measured.open_for is not None:
            cause, seconds = measured.open_for
            since = seconds.at - timedelta(seconds=seconds.value)
            text.append(f" for {screen_duration(seconds.value)} (since {since:%Y-%m-%d %H:%M}), {cause}")
    if measured.mailbox_objects and measured.mailbox_objects.value and measured.mailbox_age:
        text.append(f", oldest undelivered {screen_duration(measured.mailbox_age.value)}")
    if measured.quarantined is not None:
        set_aside = round(measured.quarantined.value)
        text.append(", ").append(f"{set_aside:,} set aside", BAD if set_aside else "")
    newest = measured.breaker_open or measured.quarantined
    return [Row("Delivery", text.append(_as_of(newest) if newest else "", "dim"))]


def _last_bundle(bundle: LastBundle | Unanswered | None, now: datetime) -> Text:
    if isinstance(bundle, Unanswered):
        return why_unanswered(bundle)
    if bundle is None:
        return Text("none in the last 24 hours")
    files = "" if bundle.files is None else f"{quantity(bundle.files, 'file')}, "
    text = Text(f"{screen_duration((now - bundle.created).total_seconds())} ago, {files}{decimal(bundle.size)}")
    return text.append(f"  {bundle.bundle_id}", "dim")


def _latency(latency: LatencyPercentiles | Unanswered) -> Text:
    if isinstance(latency, Unanswered):
        return why_unanswered(latency)
    if latency.p95 is None or latency.p99_9 is None or latency.p50 is None:
        return Text("no data: no file was delivered, or no metrics are kept of it", UNSURE)
    text = Text(f"{quantity(latency.files, 'file')} to the mailbox: p50 {latency.p50:.1f} s")
    for name, seconds, objective in (
        ("p95", latency.p95, TYPICAL_OBJECTIVE_SECONDS),
        ("p99.9", latency.p99_9, OBJECTIVE_SECONDS),
    ):
        text.append(", ").append(f"{name} {seconds:.1f} s", BAD if seconds > objective else GOOD)
        text.append(f" of {objective}", "dim")
    return text


def _why_no_data(status: Status) -> Text:
    return why_unanswered(status.measured) if isinstance(status.measured, Unanswered) else no_data()


def _as_of(reading: MetricReading) -> str:
    return f"  at {reading.at:%H:%M}"
