"""A soak in one picture: latency, memory and descriptors over its hours."""

from __future__ import annotations

from os.path import commonprefix
from typing import TYPE_CHECKING, Any, Final

from loadtest.samples import FUNCTION

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from loadtest.soak import Series, Soak

_LATENCIES: Final = (("p50", ":"), ("p95", "--"), ("p99.9", "-"))
_INK: Final = "#0072b2"
_HOUR, _MINUTE = 3600.0, 60.0


def draw_soak(path: Path, soak: Soak, seconds: float) -> None:
    """Write the figure as PNG, of what is judged: LocalStack's memory would flatten all the others."""
    import matplotlib as mpl  # noqa: PLC0415 - half a second of processor, wanted after the test and not before

    mpl.use("agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - likewise

    unit, name = (_HOUR, "hours") if seconds >= 2 * _HOUR else (_MINUTE, "minutes")
    figure, (latency, memory, descriptors) = plt.subplots(3, 1, sharex=True, figsize=(10, 9), layout="constrained")
    figure.suptitle(f"Soak: {soak.verdict}", x=0.01, ha="left", fontsize=11)
    _draw_latency(latency, soak.intervals, unit)
    judged = [series for series in soak.series if series.judged]
    _draw_series(memory, [series for series in judged if "memory" in series.name], unit, "memory, MB")
    _draw_series(descriptors, [series for series in judged if "descriptors" in series.name], unit, "descriptors")
    descriptors.set_xlabel(f"{name} since the start")
    descriptors.set_xlim(0, seconds / unit)
    for axes in (latency, memory, descriptors):
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_ylim(bottom=0)
    figure.savefig(path, dpi=120)
    plt.close(figure)


def _draw_latency(axes: Any, intervals: Sequence[dict[str, Any]], unit: float) -> None:
    for name, style in _LATENCIES:
        middles = [(each["from_seconds"] + each["seconds"] / 2) / unit for each in intervals]
        axes.plot(middles, [each[name] for each in intervals], style, color=_INK, marker="o", markersize=3, label=name)
    axes.set_ylabel("upload to mailbox, s")
    if intervals:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), frameon=False, fontsize=9, ncols=4)


def _draw_series(axes: Any, series: Sequence[Series], unit: float, label: str) -> None:
    # What all functions' names begin with says nothing.
    names = [each.name.removesuffix(", memory").removesuffix(", descriptors") for each in series]
    same = commonprefix([name for name in names if name.startswith(FUNCTION)])  # noqa: RUF071 - names are no paths
    stack = same[: same.rfind("-") + 1]
    for each, name in zip(series, names, strict=True):
        points = each.points
        axes.plot(
            [at / unit for at, _ in points],
            [value for _, value in points],
            linewidth=1,
            label=name.removeprefix(stack),
        )
    axes.set_ylabel(label)
    if series:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), frameon=False, fontsize=8, ncols=5)
    else:
        axes.text(0.5, 0.5, "not seen", transform=axes.transAxes, ha="center")
