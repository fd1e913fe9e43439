"""The demo's result for people."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Final

from rich.table import Table
from rich.text import Text

from baler.lake.objectives import VISIBLE_SECONDS
from sandbox.demo.lake.proof import Proof

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rich.console import Console

    from sandbox.demo.lake.result import LakeResult

_NAMED: Final = 5
_WRONG: Final[Mapping[str, str]] = {
    "lost": "sent by a source, and not there",
    "foreign": "there, and never sent",
    "changed": "with other values than were sent last",
    "misdated": "with times that are not those of its events",
    "leaked": "with what was to stay in raw",
    "raw": "raw layer",
    "counters": "counters",
    "api": "HTTP API",
    "left": "left over",
}
assert _WRONG.keys() == {each.name for each in fields(Proof)}  # noqa: S101 - each fault has its words


def print_summary(console: Console, result: LakeResult, summary: Path) -> None:
    """Print what a person wants to know first, and what to look at where something is wrong."""
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_row("records", _listed(result.records))
    table.add_row("raw objects", _listed(result.raw_objects))
    table.add_row("requests", _listed(result.requests))
    for name, seconds in result.latencies.items():
        table.add_row(f"visible: {name}", "never" if seconds is None else f"{seconds:.1f} s after the event")
    verdict = "[green]met[/]" if result.in_time else "[red]missed[/]"
    table.add_row("objective", f"on the chart within {VISIBLE_SECONDS} s: {verdict}")
    if result.faults:
        table.add_row("faults made", Text(str(result.faults)))
    if result.dashboard:
        table.add_row("dashboard", Text(result.dashboard))
    table.add_row("for programs", Text(str(summary)))
    console.print(table)
    for check in result.checks:
        if not check.met:
            console.print(Text(f"not so: {check.name}", style="red"))
    for name, what in _WRONG.items():
        names = getattr(result.proof, name)
        if names:
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            console.print(Text(f"{what}: {', '.join(names[:_NAMED])}{more}", style="red"))
    if not result.settled:
        console.print("[red]Not everything came to its place in time.[/]")
    if result.exact:
        console.print("[bold green]Every record is there exactly once and right, and all that counts it agrees.[/]")
    else:
        console.print("[bold red]Not every record is there exactly once and right.[/]")


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} of {name}" for name, count in counts.items())
