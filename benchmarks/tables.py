"""The tables that people read: what was measured, and how it compares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.table import Table

from benchmarks import bundling, consumer, deliveries, end_to_end
from benchmarks.spread import Spread, ratio, ratios

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.end_to_end import Ended
    from benchmarks.results import Results
    from benchmarks.targets import PerformanceTarget

_KILO: Final = 1000
_MEBI: Final = 2**20


def tables(results: Results, targets: Iterable[PerformanceTarget]) -> list[Table]:
    """Return all of them, the verdicts last."""
    return [
        _bundling(results),
        *(_end_to_end(floor, ended) for floor, ended in results.end_to_end.items()),
        _ceilings(results),
        _growth(results),
        _deliveries(results),
        _power(results),
        _records(results),
        _consumer(results),
        _targets(targets),
    ]


def spread_text(spread: Spread, digits: int) -> str:
    """Write a median and the range around it."""
    return f"{spread.median:.{digits}f} ({spread.low:.{digits}f} to {spread.high:.{digits}f})"


def _table(title: str, first: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column(first)
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _bundling(results: Results) -> Table:
    title = f"Bundling {bundling.FILES} JSON-lines files in memory: median (range)"
    table = _table(title, "", "file", "MB/s", f"x {bundling.GZIP_6}", "bundle KB", "size x")
    for size, contestants in results.bundling.items():
        base = contestants[bundling.GZIP_6]
        beside = ratios({name: bundled.speed for name, bundled in contestants.items()}, bundling.GZIP_6)
        for name, bundled in contestants.items():
            table.add_row(
                name,
                f"{size // _KILO} KB",
                spread_text(bundled.speed, 0),
                f"{beside[name]:.1f}",
                f"{bundled.size / _KILO:.0f}",
                f"{bundled.size / base.size:.2f}",
            )
        table.add_section()
    return table


def _end_to_end(floor: str, ended: Ended) -> Table:
    title = f"{end_to_end.FILES} files of {end_to_end.FILE_BYTES // _KILO} KB, {floor}: median (range)"
    table = _table(title, "", "files/s", f"x {end_to_end.S3_TAR}", "CPU ms/file", "CPU x")
    rates = ratios({name: handled.rate for name, handled in ended.contestants.items()}, end_to_end.S3_TAR)
    times = ratios({name: handled.cpu for name, handled in ended.contestants.items()}, end_to_end.S3_TAR)
    notes: list[str] = []
    for name, handled in ended.contestants.items():
        if handled.note:
            notes.append(f"{name}: {handled.note}, its start included")
        table.add_row(
            name,
            spread_text(handled.rate, 0),
            f"{rates[name]:.1f}",
            spread_text(handled.cpu, 2),
            f"{times[name]:.2f}",
        )
    table.caption = "\n".join(notes) or None
    return table


def _ceilings(results: Results) -> Table:
    table = _table("What a floor answers to a bare socket: median (range)", "", "floor", "files/s")
    for floor, ended in results.end_to_end.items():
        for name, spread in ended.ceilings.items():
            table.add_row(name, floor, spread_text(spread, 0))
        table.add_section()
    return table


def _growth(results: Results) -> Table:
    table = _table("How the cost of a file grows, with the claim: median (range)", "", "ms/file", "CPU ms/file")
    for count, cost in results.growth.by_count.items():
        table.add_row(f"{count} files of 2 KB", spread_text(cost.seconds, 2), spread_text(cost.cpu, 2))
    table.add_section()
    for size, cost in results.growth.by_size.items():
        table.add_row(f"20 files of {size / _KILO:g} KB", spread_text(cost.seconds, 2), spread_text(cost.cpu, 2))
    return table


def _deliveries(results: Results) -> Table:
    title = "Bundles over loopback TLS, one after the other: median (range)"
    table = _table(title, "", "bundle", "bundles/s", "time x peer", "CPU ms/bundle", "CPU x", "peak MiB")
    for size, contestants in results.deliveries.items():
        for name, delivered in contestants.items():
            peer = contestants[deliveries.PEER_OF[name]]
            table.add_row(
                name,
                f"{size // _KILO} KB",
                spread_text(delivered.rate, 1),
                f"{ratio(peer.rate, delivered.rate).median:.2f}",
                spread_text(delivered.cpu, 2),
                f"{ratio(delivered.cpu, peer.cpu).median:.2f}",
                f"{delivered.peak / _MEBI:.0f}",
            )
        table.add_section()
    return table


def _power(results: Results) -> Table:
    table = _table("Memory sizes of the functions: median (range)", "", "MB", "ms", "USD a million")
    for name, sizes in results.power.items():
        for megabytes, powered in sizes.items():
            milliseconds = Spread(tuple(sample * _KILO for sample in powered.seconds.samples))
            table.add_row(name, f"{megabytes}", spread_text(milliseconds, 1), spread_text(powered.usd, 2))
        table.add_section()
    return table


def _records(results: Results) -> Table:
    table = _table("A record of the event stream, without input and output: median (range)", "", "CPU us/record")
    for name, spread in results.records.items():
        table.add_row(name, spread_text(spread, 1))
    return table


def _consumer(results: Results) -> Table:
    title = f"{consumer.BUNDLES} bundles of {consumer.FILES} files of 2 KB from a mailbox into a folder: median (range)"
    table = _table(title, "", "files/s", "rate x", "CPU ms/file", "CPU x", "a day of 10/s, min")
    base = results.consumer[consumer.PEER]
    for name, received in results.consumer.items():
        table.add_row(
            name,
            spread_text(received.rate, 0),
            f"{ratio(received.rate, base.rate).median:.2f}",
            spread_text(received.cpu, 2),
            f"{ratio(received.cpu, base.cpu).median:.2f}",
            f"{received.day_minutes:.1f}",
        )
    return table


def _targets(targets: Iterable[PerformanceTarget]) -> Table:
    table = _table("Targets", "", "aim", "measured", "")
    for target in targets:
        table.add_row(
            target.what,
            f"{target.bound} {target.aim:g} {target.unit}".strip(),
            f"{target.measured:.2f} {target.unit}".strip(),
            "met" if target.is_met else "missed",
        )
    return table
