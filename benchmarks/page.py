"""`python -m benchmarks.page --write`: the tables of docs/performance.md, from the run that its figures are drawn from.

`--check` fails where the page has others. Both read docs/figures/bench.json, which `make bench DOCS=1` writes.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks import bundling, end_to_end
from benchmarks.spread import Spread, ratios

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    Document = Mapping[str, Any]

_DOCS: Final = Path(__file__).resolve().parents[1] / "docs"
PAGE: Final = _DOCS / "performance.md"
RUN: Final = _DOCS / "figures" / "bench.json"
_BLOCK: Final = re.compile(r"(<!-- bench: ([\w-]+) -->\n).*?(<!-- /bench -->)", re.DOTALL)
_KILO: Final = 1000


def rendered(page: str, run: Document) -> str:
    """Return the page with each block between `<!-- bench: name -->` and `<!-- /bench -->` as the run has it.

    Raises:
        KeyError: there is no block of that name.
    """
    return _BLOCK.sub(lambda found: found[1] + "".join(f"{line}\n" for line in _BLOCKS[found[2]](run)) + found[3], page)


def main() -> None:
    """Run the command line; ends with 1 where the page is not what the run says."""
    parser = argparse.ArgumentParser(prog="benchmarks.page", description=__doc__)
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument("--check", action="store_true", help="fail where the page is not what --write would write")
    choice.add_argument("--write", action="store_true", help="write the page")
    page = PAGE.read_text(encoding="utf-8")
    written = rendered(page, json.loads(RUN.read_text(encoding="utf-8")))
    if parser.parse_args().write:
        PAGE.write_text(written, encoding="utf-8")
    elif page != written:
        sys.exit("docs/performance.md is not what docs/figures/bench.json says: python -m benchmarks.page --write")


def _machine(run: Document) -> Iterator[str]:
    machine = run["machine"]
    rounds = len(next(iter(run["bundling"].values()))[bundling.OURS]["speed"]["samples"])
    yield (
        f"{machine['date']}, {machine['cores']} cores ({machine['processor']}), load {machine['load_before']:.1f} "
        f"before and {machine['load_after']:.1f} after, Python {machine['python']}, {rounds} rounds in turns, commit "
        f"`{machine['commit']}`."
    )


def _targets(run: Document) -> Iterator[str]:
    yield from ("| target | measured | |", "| --- | --- | --- |")
    for target in run["targets"]:
        aim = f"{target['bound']} {target['aim']:g} {target['unit']}".rstrip()
        measured = f"{target['measured']:.2f} {target['unit']}".rstrip()
        what = target["what"].replace("|", "\\|")
        yield f"| {what}: {aim} | {measured} | {'met' if target['is_met'] else '**missed**'} |"


def _end_to_end(run: Document) -> Iterator[str]:
    for number, (floor, ended) in enumerate(run["end_to_end"].items()):
        if number:
            yield ""
        rates = _spreads(ended["contestants"], "rate")
        times = _spreads(ended["contestants"], "cpu")
        beside, cpu_beside = ratios(rates, end_to_end.S3_TAR), ratios(times, end_to_end.S3_TAR)
        yield f"| {floor} | files/s | x `s3-tar` | CPU ms a file | x |"
        yield "| --- | ---: | ---: | ---: | ---: |"
        for name in rates:
            yield (
                f"| {name} | {_text(rates[name], 0)} | {beside[name]:.1f} | "
                f"{_text(times[name], 2)} | {cpu_beside[name]:.2f} |"
            )


def _ceilings(run: Document) -> Iterator[str]:
    yield from ("| a second, asked with bare sockets | floor | files |", "| --- | --- | ---: |")
    for floor, ended in run["end_to_end"].items():
        for name, figures in ended["ceilings"].items():
            yield f"| {name} | {floor} | {_text(_spread(figures), 0)} |"


def _bundling(run: Document) -> Iterator[str]:
    yield from ("| files of | | MB/s | x `tar \\| gzip -6` | size x |", "| --- | --- | ---: | ---: | ---: |")
    for size, contestants in run["bundling"].items():
        speeds = _spreads(contestants, "speed")
        beside = ratios(speeds, bundling.GZIP_6)
        for name, speed in speeds.items():
            larger = contestants[name]["size"] / contestants[bundling.GZIP_6]["size"]
            shown = name.replace("|", "\\|")
            yield f"| {int(size) // _KILO} KB | {shown} | {_text(speed, 0)} | {beside[name]:.1f} | {larger:.2f} |"


_BLOCKS: Final[Mapping[str, Callable[[Document], Iterable[str]]]] = {
    "machine": _machine,
    "targets": _targets,
    "end-to-end": _end_to_end,
    "ceilings": _ceilings,
    "bundling": _bundling,
}


def _spreads(contestants: Mapping[str, Document], figure: str) -> dict[str, Spread]:
    return {name: _spread(measured[figure]) for name, measured in contestants.items()}


def _spread(figures: Document) -> Spread:
    return Spread(tuple(figures["samples"]))


def _text(spread: Spread, digits: int) -> str:
    return f"{spread.median:,.{digits}f} ({spread.low:,.{digits}f} to {spread.high:,.{digits}f})"


if __name__ == "__main__":
    main()
