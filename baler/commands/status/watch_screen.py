"""What `baler status --watch` shows: all pipelines of a stack on one screen, whatever its size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from baler.commands.status.health import ON, Unanswered, reasons_of_alarms
from baler.commands.status.screen_frame import (
    BAD,
    Row,
    headline,
    reason_line,
    screen_duration,
    table,
    why_unanswered,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

    from baler.commands.status.pace import Pace
    from baler.commands.status.screen_frame import PipelineStatus

    Lines = list[list[Segment]]

_BLOCKS: Final = "▁▂▃▄▅▆▇█"
_LETTERS: Final = "_.-:=+*#"
_BESIDE: Final = 58
"""Columns that a pipeline needs to stand beside another."""
_TROUBLE_SHARE: Final = 3
"""What is wrong takes at most this part of the screen: one line of so many."""
_MORE: Final = "more: `baler status` shows all"


@dataclass(frozen=True, slots=True)
class Sparkline:
    """Figures as a line of columns, the highest as high as can be; of letters where the terminal has no blocks."""

    figures: Sequence[int]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it, and say in figures what cannot be read off."""
        marks = _LETTERS if options.ascii_only else _BLOCKS
        most = max(self.figures, default=0)
        drawn = "".join(marks[-(-figure * (len(marks) - 1) // most) if most else 0] for figure in self.figures)
        yield Text(f"{drawn} {self.figures[-1] if self.figures else 0:,}, at most {most:,}")


@dataclass(frozen=True, slots=True)
class WatchedPipeline:
    """A pipeline on the screen: its name, its parts, and how it is."""

    name: str
    status: PipelineStatus
    rows: Sequence[Row]

    def shown(self, pace: Pace | Unanswered, *, details: bool) -> RenderableType:
        """Return it with the pace first; without details where there is no room for them."""
        rows = [*_pace_rows(pace), *self.rows]
        return Group(headline(self.name, self.status), table(row for row in rows if details or not row.detail))


@dataclass(frozen=True, slots=True)
class WatchScreen:
    """A screen of exactly the terminal's size: nothing scrolls, and what is left out is said.

    Attributes:
        pipelines: those of the stack.
        paces: by pipeline; or why nobody knows.
        seconds: between two looks.
    """

    pipelines: Sequence[WatchedPipeline]
    paces: Mapping[str, Pace] | Unanswered
    seconds: float

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it: details as far as there is room, what is wrong before what is well."""
        height = options.height or console.height
        free = options.update(height=None)
        head = console.render_lines(self._head(), free, pad=False)
        trouble = _cut(
            console.render_lines(Group(*self._trouble()), free, pad=False), height // _TROUBLE_SHARE, console
        )
        lines: Lines = []
        for details in (True, False):
            lines = [*head, *trouble, *console.render_lines(self._body(options, details=details), free, pad=False)]
            if len(lines) <= height:
                break
        for place, line in enumerate(_cut(lines, height, console)):
            if place:
                yield Segment.line()
            yield from line

    def _head(self) -> Text:
        status = self.pipelines[0].status
        return Text(
            f"{status.stack}  {status.at:%Y-%m-%d %H:%M:%S} UTC, every {self.seconds:g} s, Ctrl-C ends", style="bold"
        )

    def _body(self, options: ConsoleOptions, *, details: bool) -> RenderableType:
        shown = [each.shown(self._pace(each.name), details=details) for each in self.pipelines]
        if len(shown) == 1 or options.max_width < _BESIDE * len(shown):
            return Group(*shown)
        beside = Table.grid(padding=(0, 2), expand=True)
        for _ in shown:
            beside.add_column(ratio=1)
        beside.add_row(*shown)
        return beside

    def _pace(self, pipeline: str) -> Pace | Unanswered:
        return self.paces if isinstance(self.paces, Unanswered) else self.paces[pipeline]

    def _trouble(self) -> Iterable[RenderableType]:
        """Yield what is wrong, a line each: an alarm with its page, and what no alarm says."""
        for each in self.pipelines:
            status = each.status
            alarms = () if isinstance(status.alarms, Unanswered) else status.alarms
            of_alarms = set(reasons_of_alarms(alarms))
            yield from (reason_line(f"{each.name}: {reason}") for reason in status.reasons() if reason not in of_alarms)
            for alarm in alarms:
                if alarm.state == ON:
                    since = screen_duration((status.at - alarm.since).total_seconds())
                    page = f": {alarm.runbook}" if alarm.runbook else ""
                    yield reason_line(f"{alarm.name}, for {since}{page}")


def _pace_rows(pace: Pace | Unanswered) -> list[Row]:
    if isinstance(pace, Unanswered):
        return [Row("A minute", why_unanswered(pace))]
    passed = sum(pace.minutes)
    of_each = f", {round(passed / pace.made):,} {pace.things} each" if pace.made else ""
    in_all = f"{pace.made:,} {pace.batches} in {len(pace.minutes)} minutes{of_each}"
    return [Row(f"{pace.things.capitalize()}/min", Sparkline(pace.minutes)), Row("Batches", Text(in_all), detail=True)]


def _cut(lines: Lines, height: int, console: Console) -> Lines:
    """Return at most so many lines; the last of them says how many there is no room for."""
    if len(lines) <= height:
        return lines
    kept = lines[: max(0, height - 1)]
    return [*kept, console.render_lines(Text(f"... {len(lines) - len(kept)} {_MORE}", BAD), pad=False)[0]]
