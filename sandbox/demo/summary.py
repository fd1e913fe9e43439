"""What the demo prints at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

from baler.files.objectives import NEARLY_ALL_SECONDS, TYPICAL_SECONDS

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from sandbox.demo.demo_result import DemoResult

_NAMED: Final = 5


def print_summary(console: Console, result: DemoResult, received: Path, summary: Path) -> None:
    """Print what a person wants to know first, and what to do where something is wrong."""
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_row("files", f"{result.files} ({decimal(result.bytes_in)})")
    ratio = result.bytes_in / result.bytes_out if result.bytes_out else 0.0
    table.add_row("bundles", f"{result.bundles} ({decimal(result.bytes_out)}, {ratio:.1f} times smaller)")
    if result.latencies:
        p50, p95, p999 = (result.percentile(share) for share in (50, 95, 99.9))
        table.add_row(f"upload to {result.measured_to}", f"p50 {p50:.1f} s   p95 {p95:.1f} s   p99.9 {p999:.1f} s")
        table.add_row("objective", f"p95 < {TYPICAL_SECONDS} s, p99.9 < {NEARLY_ALL_SECONDS} s: {_met(result.in_time)}")
    if result.report:
        table.add_row("breaker", _breaker(result.report["breaker"]))
    if result.faults:
        table.add_row("faults made", Text(str(result.faults)))
    if result.landed_again:
        table.add_row("landed again", f"{result.landed_again} puts whose answer was lost, as versions of their own")
    table.add_row("lost", _count(result.lost))
    table.add_row("duplicated", _count(result.duplicated))
    table.add_row("received files", Text(str(received)))
    table.add_row("for programs", Text(str(summary)))
    console.print(table)
    for what, keys in (
        ("in no archived bundle", result.unarchived),
        ("in more than one bundle", result.bundled_twice),
        ("not received", result.unreceived),
        ("received with other bytes", result.changed),
        ("received and never sent", result.unexpected),
        ("archived with a wrong hash", result.broken_bundles),
        ("not trusted by the recipient", result.quarantined),
        ("bundles received twice", result.repeated),
        ("bundles without a receipt", result.unacknowledged),
    ):
        if keys:
            more = f" and {len(keys) - _NAMED} more" if len(keys) > _NAMED else ""
            console.print(Text(f"{what}: {', '.join(map(repr, keys[:_NAMED]))}{more}", style="red"))
    if result.exact:
        console.print("[bold green]Every file came back byte-identical, exactly once.[/]")
    else:
        console.print("[bold red]Not every file came back byte-identical exactly once.[/]")


def _breaker(changes: list[dict[str, Any]]) -> str:
    closed = [change for change in changes if change["phase"] == "closed"]
    if not closed:
        return "never opened" if not changes else "[red]still open[/]"
    seconds, probes = (sum(change[name] for change in closed) for name in ("open_seconds", "probes"))
    return f"open for {seconds:.0f} s, {probes} probes"


def _met(is_met: bool) -> str:  # noqa: FBT001 - the one thing it says
    return "[green]met[/]" if is_met else "[red]missed[/]"


def _count(number: int) -> str:
    return f"[red]{number}[/]" if number else "0"
