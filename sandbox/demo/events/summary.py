"""What the demo of the event stream prints at its end."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Final

from rich.table import Table
from rich.text import Text

from baler.events.objectives import END_TO_END_SECONDS
from sandbox.demo.events.proof import Proof
from sandbox.demo.events.result import FEWER_TIMES, RECORDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rich.console import Console

    from sandbox.demo.events.result import EventsResult

_NAMED: Final = 5
_WRONG: Final[Mapping[str, str]] = {
    "lost": "good, and not processed",
    "twice": "processed more than once",
    "changed": "processed wrongly",
    "misplaced": "in another partition than theirs",
    "unrejected": "bad, and not rejected",
    "rejected_wrongly": "rejected wrongly",
    "foreign": "there, and never sent",
    "batches": "table of batches",
    "table": "table of events",
    "left": "left over",
}
assert _WRONG.keys() == {each.name for each in fields(Proof)}  # noqa: S101 - each fault has its words


def print_summary(console: Console, result: EventsResult, answer: str, summary: Path) -> None:
    """Print what a person wants to know first, and what to look at where something is wrong."""
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_row("records", f"{result.records}, {result.sent_per_second:g} a second")
    table.add_row("events", f"{result.events - len(result.proof.lost)} of {result.events} processed")
    table.add_row("rejected", f"{result.rejections - len(result.proof.unrejected)} of {result.rejections} bad ones")
    table.add_row("shards", f"{result.shards[0]}, then {result.shards[1]}")
    table.add_row("delivered again", f"{result.redelivered} records")
    if result.sent_twice:
        table.add_row("sent twice", f"{result.sent_twice} records, by a producer that got no answer")
    if result.faults:
        table.add_row("faults made", Text(str(result.faults)))
    for line in _latency(result):
        table.add_row(*line)
    fewer = f"{result.fewer_times:.0f} times fewer"
    table.add_row("processed objects", str(result.processed_objects))
    table.add_row(
        "table's files",
        f"{result.table_files}, then {result.compacted_files}: {fewer}{_compactness(result)}",
    )
    table.add_row("for programs", Text(str(summary)))
    console.print(table)
    console.print("\nHigh-value transactions per hour, by `baler events query`:")
    console.print(Text(answer.rstrip()))
    for name, what in _WRONG.items():
        _print_wrong(console, what, getattr(result.proof, name))
    if not result.settled:
        console.print("[red]Not everything came to its place in time.[/]")
    if not result.redelivered_in_vain:
        console.print("[red]The processor did not take for done what it had committed.[/]")
    if result.exact:
        console.print("[bold green]Every good event is there exactly once and right, every bad record is rejected.[/]")
    else:
        console.print("[bold red]Not every event is there exactly once and right.[/]")


def _latency(result: EventsResult) -> Sequence[tuple[str, str]]:
    if not result.latencies:
        return ()
    said = "   ".join(f"{name} {seconds:.1f} s" for name, seconds in result.percentiles().items())
    objective = f"p95 < {END_TO_END_SECONDS} s: " + ("[green]met[/]" if result.in_time else "[red]missed[/]")
    return ("stream to processed", said), ("objective", objective)


def _compactness(result: EventsResult) -> str:
    if result.records < RECORDS:
        return f" (judged from {RECORDS} records on)"
    bound = f"at least {FEWER_TIMES}"
    return f" ({bound}: [green]met[/])" if result.compact else f" ({bound}: [red]missed[/])"


def _print_wrong(console: Console, what: str, names: Sequence[str]) -> None:
    if names:
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        console.print(Text(f"{what}: {', '.join(names[:_NAMED])}{more}", style="red"))
