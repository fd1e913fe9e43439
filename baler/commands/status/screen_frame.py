"""What the screens of all pipelines have: head, parts, reasons, and what the alarms say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from rich.console import Group
from rich.table import Table
from rich.text import Text

from baler.cli.durations import duration
from baler.cli.report import printable
from baler.commands.status.health import ON, UNDECIDED, HealthStatus, Unanswered

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from rich.console import RenderableType

    from baler.commands.status.health import AlarmState

GOOD: Final = "green"
BAD: Final = "bold red"
UNSURE: Final = "yellow"
_STYLES: Final = {HealthStatus.HEALTHY: GOOD, HealthStatus.UNHEALTHY: BAD, HealthStatus.UNKNOWN: UNSURE}
# Up to here seconds say more than minutes: the objectives are in seconds.
_SECONDS: Final = 600


@dataclass(frozen=True, slots=True)
class Row:
    """A part of a pipeline: its name, and how it is.

    Attributes:
        detail: whether it may be left out where there is no room for all.
    """

    name: str
    text: RenderableType
    detail: bool = False


class PipelineStatus(Protocol):
    """What was found out about a pipeline."""

    @property
    def stack(self) -> str:
        """The stack's name."""
        ...

    @property
    def at(self) -> datetime:
        """When it was asked."""
        ...

    @property
    def health(self) -> HealthStatus:
        """Whether it is healthy."""
        ...

    @property
    def nothing_is_known(self) -> bool:
        """Whether no part could be asked."""
        ...

    @property
    def alarms(self) -> tuple[AlarmState, ...] | Unanswered:
        """Those that are shown with it."""
        ...

    def reasons(self) -> list[str]:
        """Return what is wrong, a phrase each."""
        ...

    def unanswered(self) -> dict[str, str]:
        """Return why parts are not known, by part."""
        ...


def frame(status: PipelineStatus, rows: Iterable[Row]) -> RenderableType:
    """Return the screen of a pipeline, with its parts in rows."""
    at = f"  {status.at:%Y-%m-%d %H:%M:%S} UTC"
    head = headline(status.stack, status).append(at)
    return Group(head, table(rows), *(reason_line(reason) for reason in status.reasons()), *_advice(status))


def table(rows: Iterable[Row]) -> RenderableType:
    """Return parts below each other, the names in a column."""
    parts = Table.grid(padding=(0, 2))
    parts.add_column(style="bold")
    parts.add_column()
    for row in rows:
        parts.add_row(row.name, row.text)
    return parts


def headline(name: str, status: PipelineStatus) -> Text:
    """Return how something is, by its name."""
    return Text.assemble((f"{name}: ", "bold"), (_health_phrase(status), _STYLES[status.health]))


def reason_line(reason: str) -> Text:
    """Return what is wrong as a screen has it."""
    return Text(f"! {printable(reason)}", BAD)


def dead_letter_count(count: int | Unanswered) -> Text:
    """Return how many dead letters there are."""
    if isinstance(count, Unanswered):
        return why_unanswered(count)
    return Text(f"{count:,}", BAD if count else GOOD)


def alarm_counts(alarms: tuple[AlarmState, ...] | Unanswered) -> Text:
    """Return how many alarms are on, and which have no data."""
    if isinstance(alarms, Unanswered):
        return why_unanswered(alarms)
    on = [alarm for alarm in alarms if alarm.state == ON]
    undecided = [alarm.name for alarm in alarms if alarm.state == UNDECIDED]
    text = Text().append(f"{len(on)} of {len(alarms)} on", BAD if on else GOOD)
    if undecided:
        text.append(f", without data: {', '.join(sorted(undecided))}", UNSURE)
    return text


def no_data() -> Text:
    """Return what stands where CloudWatch has nothing."""
    return Text("no data", UNSURE)


def why_unanswered(part: Unanswered) -> Text:
    """Return why AWS did not answer."""
    return Text(printable(part.why), UNSURE)


def screen_duration(seconds: float) -> str:
    """Return a time as a screen has it."""
    return duration(seconds, in_seconds_up_to=_SECONDS)


def _health_phrase(status: PipelineStatus) -> str:
    if status.health is not HealthStatus.UNKNOWN:
        return "healthy" if status.health is HealthStatus.HEALTHY else "UNHEALTHY"
    if status.nothing_is_known:
        return "UNKNOWN: nothing could be asked"
    return "UNKNOWN: nothing wrong was seen, but not everything could be asked"


def _advice(status: PipelineStatus) -> list[Text]:
    """Return what the alarms that are on say to people, each with its runbook."""
    if isinstance(status.alarms, Unanswered):
        return []
    return [
        Text.assemble(
            (printable(f"{alarm.name}, for {screen_duration((status.at - alarm.since).total_seconds())}: "), "bold"),
            printable(alarm.description),
        )
        for alarm in status.alarms
        if alarm.state == ON
    ]
