"""A status for people, on one screen."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

from baler.cli.durations import duration
from baler.cli.report import printable, quantity
from baler.commands.status.health import (
    OBJECTIVE_SECONDS,
    ON,
    TYPICAL_OBJECTIVE_SECONDS,
    UNDECIDED,
    HealthStatus,
    Queue,
    Unanswered,
)

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import RenderableType

    from baler.commands.status.health import LastBundle, LatencyPercentiles, MetricReading, Status

_GOOD: Final = "green"
_BAD: Final = "bold red"
_UNSURE: Final = "yellow"
_STYLES: Final = {HealthStatus.HEALTHY: _GOOD, HealthStatus.UNHEALTHY: _BAD, HealthStatus.UNKNOWN: _UNSURE}
# Up to here seconds say more than minutes: the objectives are in seconds.
_SECONDS: Final = 600


def screen(status: Status) -> RenderableType:
    """Return everything about a stack."""
    parts = Table.grid(padding=(0, 2))
    parts.add_column(style="bold")
    parts.add_column()
    for name, text in (
        ("Ingest queue", _queue(status)),
        ("Dead letters", _dead_letters(status.dead_letters)),
        ("Mailbox", _mailbox(status)),
        *_delivery(status),
        ("Last bundle", _last_bundle(status.last_bundle, status.at)),
        ("Last hour", _latency(status.latency)),
        ("Alarms", _alarms(status)),
    ):
        parts.add_row(name, text)
    at = f"  {status.at:%Y-%m-%d %H:%M:%S} UTC"
    head = Text.assemble((f"{status.stack}: ", "bold"), (_headline(status), _STYLES[status.health]), at)
    return Group(head, parts, *(Text(f"! {printable(reason)}", _BAD) for reason in status.reasons()), *_advice(status))


def _headline(status: Status) -> str:
    if status.health is not HealthStatus.UNKNOWN:
        return "healthy" if status.health is HealthStatus.HEALTHY else "UNHEALTHY"
    if status.nothing_is_known:
        return "UNKNOWN: nothing could be asked"
    return "UNKNOWN: nothing wrong was seen, but not everything could be asked"


def _queue(status: Status) -> Text:
    age = status.queue_age
    late = age is not None and age > OBJECTIVE_SECONDS
    if isinstance(status.queue, Unanswered):
        return _unanswered(status.queue)
    text = Text(f"{status.queue.waiting:,} waiting, {status.queue.in_flight:,} in flight")
    if age is not None:
        text.append(f", oldest {_duration(age)}", _BAD if late else "")
    elif status.queue != Queue(0, 0):
        text.append(", age: ").append(_why_no_data(status))
    return text


def _dead_letters(count: int | Unanswered) -> Text:
    if isinstance(count, Unanswered):
        return _unanswered(count)
    return Text(f"{count:,}", _BAD if count else _GOOD)


def _mailbox(status: Status) -> Text:
    measured = status.measured
    if isinstance(measured, Unanswered) or measured.mailbox_objects is None:
        return _why_no_data(status)
    objects = round(measured.mailbox_objects.value)
    text = Text(f"{objects:,} {'bundle' if objects == 1 else 'bundles'}")
    if measured.mailbox_bytes:
        text.append(f", {decimal(round(measured.mailbox_bytes.value))}")
    if objects and measured.mailbox_age:
        text.append(f", oldest {_duration(measured.mailbox_age.value)}")
    return text.append(_as_of(measured.mailbox_objects), "dim")


def _delivery(status: Status) -> list[tuple[str, Text]]:
    """Return the line of a pushed delivery; none where a consumer takes the bundles."""
    measured = status.measured
    if isinstance(measured, Unanswered) or not measured.pushed:
        return []
    text = Text()
    if measured.breaker_open is None:
        text.append("no data: the courier is silent", _UNSURE)
    elif not measured.breaker_open.value:
        text.append("breaker closed", _GOOD)
    else:
        text.append("breaker OPEN", _BAD)
        if measured.open_for is not None:
            cause, seconds = measured.open_for
            since = seconds.at - timedelta(seconds=seconds.value)
            text.append(f" for {_duration(seconds.value)} (since {since:%Y-%m-%d %H:%M}), {cause}")
    if measured.mailbox_objects and measured.mailbox_objects.value and measured.mailbox_age:
        text.append(f", oldest undelivered {_duration(measured.mailbox_age.value)}")
    if measured.quarantined is not None:
        set_aside = round(measured.quarantined.value)
        text.append(", ").append(f"{set_aside:,} set aside", _BAD if set_aside else "")
    newest = measured.breaker_open or measured.quarantined
    return [("Delivery", text.append(_as_of(newest) if newest else "", "dim"))]


def _last_bundle(bundle: LastBundle | Unanswered | None, now: datetime) -> Text:
    if isinstance(bundle, Unanswered):
        return _unanswered(bundle)
    if bundle is None:
        return Text("none in the last 24 hours")
    files = "" if bundle.files is None else f"{quantity(bundle.files, 'file')}, "
    text = Text(f"{_duration((now - bundle.created).total_seconds())} ago, {files}{decimal(bundle.size)}")
    return text.append(f"  {bundle.bundle_id}", "dim")


def _latency(latency: LatencyPercentiles | Unanswered) -> Text:
    if isinstance(latency, Unanswered):
        return _unanswered(latency)
    if latency.p95 is None or latency.p99_9 is None or latency.p50 is None:
        return Text("no data: no file was delivered, or no metrics are kept of it", _UNSURE)
    text = Text(f"{quantity(latency.files, 'file')} to the mailbox: p50 {latency.p50:.1f} s")
    for name, seconds, objective in (
        ("p95", latency.p95, TYPICAL_OBJECTIVE_SECONDS),
        ("p99.9", latency.p99_9, OBJECTIVE_SECONDS),
    ):
        text.append(", ").append(f"{name} {seconds:.1f} s", _BAD if seconds > objective else _GOOD)
        text.append(f" of {objective}", "dim")
    return text


def _alarms(status: Status) -> Text:
    if isinstance(status.alarms, Unanswered):
        return _unanswered(status.alarms)
    on = [alarm for alarm in status.alarms if alarm.state == ON]
    undecided = [alarm.name for alarm in status.alarms if alarm.state == UNDECIDED]
    text = Text().append(f"{len(on)} of {len(status.alarms)} on", _BAD if on else _GOOD)
    if undecided:
        text.append(f", without data: {', '.join(sorted(undecided))}", _UNSURE)
    return text


def _advice(status: Status) -> list[Text]:
    """Return what the alarms that are on say to people, each with its runbook."""
    if isinstance(status.alarms, Unanswered):
        return []
    return [
        Text.assemble(
            (printable(f"{alarm.name}, for {_duration((status.at - alarm.since).total_seconds())}: "), "bold"),
            printable(alarm.description),
        )
        for alarm in status.alarms
        if alarm.state == ON
    ]


def _why_no_data(status: Status) -> Text:
    return _unanswered(status.measured) if isinstance(status.measured, Unanswered) else Text("no data", _UNSURE)


def _unanswered(part: Unanswered) -> Text:
    return Text(printable(part.why), _UNSURE)


def _as_of(reading: MetricReading) -> str:
    return f"  at {reading.at:%H:%M}"


def _duration(seconds: float) -> str:
    return duration(seconds, in_seconds_up_to=_SECONDS)
