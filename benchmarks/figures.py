"""The figures that the documentation shows, drawn from one run's results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, LogLocator, NullLocator

from benchmarks.bundling import GZIP_6
from benchmarks.bundling import OURS as BUNDLER
from benchmarks.end_to_end import CLAIMING, FUNCTION, OURS, S3_TAR
from benchmarks.spread import ratios

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from benchmarks.growth import Cost
    from benchmarks.results import Results
    from benchmarks.spread import Spread

_OURS: Final = frozenset({BUNDLER, OURS, CLAIMING, FUNCTION})
_OUR_COLOR: Final = "#1f6f8b"
_PEER_COLOR: Final = "#b9b4a7"
_SECOND_COLOR: Final = "#e07a3f"
_PIXELS_PER_INCH: Final = 140
# What the labels behind the bars need, of the longest bar with its whisker.
_ROOM_FOR_LABELS: Final = 1.45
_GAP: Final = 0.02


def draw(results: Results, folder: Path) -> list[Path]:
    """Write `bundling.png`, `end-to-end.png` and `growth.png`; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = {"bundling": _bundling(results), "end-to-end": _end_to_end(results), "growth": _growth(results)}
    paths: list[Path] = []
    for name, figure in drawn.items():
        path = folder / f"{name}.png"
        FigureCanvasAgg(figure).print_png(path)
        paths.append(path)
    return paths


def _figure(rows: int, columns: int, height: float, legend: str) -> tuple[Figure, list[Any]]:
    """Make a figure with a grid of plots; `legend` says below them how they are read."""
    figure = Figure(figsize=(10, height), dpi=_PIXELS_PER_INCH, layout="constrained")
    axes = [figure.add_subplot(rows, columns, number + 1) for number in range(rows * columns)]
    for one in axes:
        one.spines[["top", "right"]].set_visible(False)
    figure.supxlabel(legend, fontsize=8, color="#555555", x=0.01, ha="left")
    return figure, axes


def _bars(axes: Any, title: str, spreads: Mapping[str, Spread], digits: int, base: str) -> None:
    """Draw a bar each; behind it, clear of its whisker, what it is and how it compares with the base."""
    names = list(spreads)[::-1]
    medians = [spreads[name].median for name in names]
    reach = [
        [spreads[name].median - spreads[name].low for name in names],
        [spreads[name].high - spreads[name].median for name in names],
    ]
    colors = [_OUR_COLOR if name in _OURS else _PEER_COLOR for name in names]
    axes.barh(names, medians, xerr=reach, color=colors, ecolor="#555555", capsize=2)
    longest = max(spread.high for spread in spreads.values())
    beside = ratios(spreads, base)
    for place, name in enumerate(names):
        text = f"{spreads[name].median:,.{digits}f}"
        text += "" if name == base else f"   {beside[name]:.{max(1, digits)}f} x"
        axes.text(spreads[name].high + longest * _GAP, place, text, va="center", fontsize=8)
    axes.set_xlim(0, longest * _ROOM_FOR_LABELS)
    axes.tick_params(labelsize=8)
    axes.set_title(title, loc="left", fontsize=9)


def _legend(spread: Spread, base: str) -> str:
    rounds = len(spread.samples)
    return (
        f"Bar: median of {rounds} rounds. Whisker: lowest and highest. x: beside {base}, median of the rounds' ratios."
    )


def _bundling(results: Results) -> Figure:
    some = next(iter(results.bundling.values()))
    figure, axes = _figure(1, len(results.bundling), 2.6, _legend(some[BUNDLER].speed, GZIP_6))
    for one, (size, contestants) in zip(axes, results.bundling.items(), strict=True):
        speeds = {name: bundled.speed for name, bundled in contestants.items()}
        _bars(one, f"files of {size // 1000} KB, MB/s (more is better)", speeds, 0, GZIP_6)
        if one is not axes[0]:
            one.set_yticklabels([])
    return figure


def _end_to_end(results: Results) -> Figure:
    floors = results.end_to_end
    legend = _legend(next(iter(floors.values())).contestants[OURS].rate, S3_TAR)
    figure, axes = _figure(len(floors), 2, 0.4 + 2.8 * len(floors), legend)
    for row, (floor, ended) in enumerate(floors.items()):
        rates = {name: handled.rate for name, handled in ended.contestants.items()}
        times = {name: handled.cpu for name, handled in ended.contestants.items()}
        left, right = axes[2 * row : 2 * row + 2]
        _bars(left, f"{floor}: files/s (more is better)", rates, 0, S3_TAR)
        _bars(right, f"{floor}: CPU ms/file (less is better)", times, 2, S3_TAR)
        right.set_yticklabels([])
    return figure


def _growth(results: Results) -> Figure:
    by_count, by_size = results.growth.by_count, results.growth.by_size
    rounds = len(next(iter(by_count.values())).cpu.samples)
    figure, axes = _figure(1, 2, 3.4, f"Point: median of {rounds} rounds. Band: lowest to highest. Logarithmic.")
    _curves(axes[0], "files in a batch (2 KB each)", by_count, [f"{count:,}" for count in by_count])
    _curves(axes[1], "KB a file (20 in a batch)", by_size, [f"{size / 1000:g}" for size in by_size])
    return figure


def _curves(axes: Any, label: str, costs: Mapping[int, Cost], ticks: list[str]) -> None:
    # Evenly spaced, whatever the numbers: they grow by about the same factor, and 0 has a place too.
    places = range(len(costs))
    for name, color, spreads in (
        ("from start to end", _SECOND_COLOR, [cost.seconds for cost in costs.values()]),
        ("CPU of our process", _OUR_COLOR, [cost.cpu for cost in costs.values()]),
    ):
        axes.plot(places, [spread.median for spread in spreads], "o-", color=color, label=name, markersize=4)
        axes.fill_between(
            places, [spread.low for spread in spreads], [spread.high for spread in spreads], color=color, alpha=0.2
        )
    axes.set_yscale("log")
    # 1, 2, 5, 10, …: a label at each of the nine steps of a decade would be printed over the next.
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_major_locator(FixedLocator(list(places)))
    axes.set_xticklabels(ticks)
    axes.grid(axis="y", color="#dddddd", linewidth=0.6)
    axes.tick_params(labelsize=8)
    axes.set_xlabel(label, fontsize=9)
    axes.set_ylabel("ms a file", fontsize=9)
    axes.legend(frameon=False, fontsize=8)
