"""The demo's last words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

from sandbox.demo.verdict import SLO_P95, SLO_P999

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from sandbox.demo.verdict import Verdict

_NAMED: Final = 5


def print_summary(console: Console, verdict: Verdict, received: Path, summary: Path) -> None:
    """Print what a person wants to know first, and what to do where something is wrong."""
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_row("files", f"{verdict.files} ({decimal(verdict.bytes_in)})")
    ratio = verdict.bytes_in / verdict.bytes_out if verdict.bytes_out else 0.0
    table.add_row("bundles", f"{verdict.bundles} ({decimal(verdict.bytes_out)}, {ratio:.1f} times smaller)")
    if verdict.latencies:
        p50, p95, p999 = (verdict.percentile(share) for share in (50, 95, 99.9))
        table.add_row("upload to mailbox", f"p50 {p50:.1f} s   p95 {p95:.1f} s   p99.9 {p999:.1f} s")
        table.add_row("objective", f"p95 < {SLO_P95:.0f} s, p99.9 < {SLO_P999:.0f} s: {_met(verdict.in_time)}")
    table.add_row("lost", _count(verdict.lost))
    table.add_row("duplicated", _count(verdict.duplicated))
    table.add_row("received files", Text(str(received)))
    table.add_row("for programs", Text(str(summary)))
    console.print(table)
    for what, keys in (
        ("in no archived bundle", verdict.unarchived),
        ("in more than one bundle", verdict.bundled_twice),
        ("not received", verdict.unreceived),
        ("received with other bytes", verdict.changed),
        ("received and never sent", verdict.unexpected),
        ("archived with a wrong hash", verdict.broken_bundles),
        ("put aside by the consumer", verdict.aside),
    ):
        if keys:
            more = f" and {len(keys) - _NAMED} more" if len(keys) > _NAMED else ""
            console.print(Text(f"{what}: {', '.join(map(repr, keys[:_NAMED]))}{more}", style="red"))
    if verdict.exact:
        console.print("[bold green]Every file came back byte-identical, exactly once.[/]")
    else:
        console.print("[bold red]Not every file came back byte-identical exactly once.[/]")


def _met(is_met: bool) -> str:  # noqa: FBT001 - the one thing it says
    return "[green]met[/]" if is_met else "[red]missed[/]"


def _count(number: int) -> str:
    return f"[red]{number}[/]" if number else "0"
