"""The figures that the documentation shows, drawn from one run's results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from benchmarks.bundling import OURS as BUNDLER
from benchmarks.end_to_end import CLAIMING, FUNCTION, OURS

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


def _figure(columns: int, height: float) -> tuple[Figure, list[Any]]:
    figure = Figure(figsize=(10, height), dpi=_PIXELS_PER_INCH, layout="constrained")
    axes = [figure.add_subplot(1, columns, number + 1) for number in range(columns)]
    for one in axes:
        one.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _bars(axes: Any, title: str, spreads: Mapping[str, Spread], digits: int) -> None:
    names = list(spreads)[::-1]
    medians = [spreads[name].median for name in names]
    reach = [
        [spreads[name].median - spreads[name].low for name in names],
        [spreads[name].high - spreads[name].median for name in names],
    ]
    colors = [_OUR_COLOR if name in _OURS else _PEER_COLOR for name in names]
    bars = axes.barh(names, medians, xerr=reach, color=colors, ecolor="#555555", capsize=2)
    axes.bar_label(bars, labels=[f"{value:.{digits}f}" for value in medians], padding=8)
    axes.set_title(title, loc="left", fontsize=10)
    axes.margins(x=0.18)


def _bundling(results: Results) -> Figure:
    figure, axes = _figure(len(results.bundling), 2.6)
    for one, (size, contestants) in zip(axes, results.bundling.items(), strict=True):
        speeds = {name: bundled.speed for name, bundled in contestants.items()}
        _bars(one, f"files of {size // 1000} KB, MB/s", speeds, 0)
        if one is not axes[0]:
            one.set_yticklabels([])
    return figure


def _end_to_end(results: Results) -> Figure:
    figure, axes = _figure(2, 3.2)
    _bars(axes[0], "files/s (more is better)", {name: it.rate for name, it in results.end_to_end.items()}, 0)
    _bars(axes[1], "CPU ms/file (less is better)", {name: it.cpu for name, it in results.end_to_end.items()}, 2)
    axes[1].set_yticklabels([])
    return figure


def _growth(results: Results) -> Figure:
    figure, axes = _figure(2, 3.4)
    by_count, by_size = results.growth.by_count, results.growth.by_size
    _curves(axes[0], "files in a batch (2 KB each)", by_count, [str(count) for count in by_count])
    _curves(axes[1], "KB a file (20 a batch)", by_size, [f"{size / 1000:g}" for size in by_size])
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
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("{x:g}")
    axes.set_xticks(places, ticks)
    axes.set(xlabel=label, ylabel="ms a file")
    axes.legend(frameon=False)
