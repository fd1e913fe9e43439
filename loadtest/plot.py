"""A run in one picture: files uploaded and delivered, the latency of each, and where its time went."""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import TYPE_CHECKING, Any, Final

from baler.files.objectives import NEARLY_ALL_SECONDS, TYPICAL_SECONDS
from loadtest.parts import PARTS
from loadtest.slo_result import nearest_rank

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from loadtest.ledger import DeliveryLedger
    from loadtest.parts import PartsTable
    from loadtest.shapes import Shape

# Colours that people who do not see red and green tell apart (Okabe and Ito).
_INK, _UPLOADED, _DELIVERED, _OBJECTIVE = "#222222", "#0072b2", "#009e73", "#d55e00"
_PART_COLOURS: Final = (
    "#bbbbbb",
    "#0072b2",
    "#56b4e9",
    "#e69f00",
    "#d55e00",
    "#f0e442",
    "#cc79a7",
    "#009e73",
    "#666666",
    "#ffffff",
)
_PERCENTILES: Final = ((50.0, ":"), (95.0, "--"), (99.9, "-."))
# Of the objective: below it the line would only squeeze what is to be seen.
_NEAR: Final = 0.5
# Points of a curve that an eye tells apart.
_STEPS: Final = 600


def draw(path: Path, shape: Shape, ledger: DeliveryLedger, started: float, parts: PartsTable | None = None) -> None:
    """Write the figure as PNG.

    Args:
        path: the file.
        shape: the load that was offered.
        ledger: what became of it.
        started: seconds since the epoch: the zero of the time axis.
        parts: where the time went; None where nobody knows.
    """
    import matplotlib as mpl  # noqa: PLC0415 - half a second of processor, wanted after the test and not before

    mpl.use("agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - likewise

    taken = [upload for upload in ledger.uploads.values() if not upload.error]
    points = [(upload.finished - started, late) for upload in taken if (late := ledger.latency(upload)) is not None]
    known = parts if parts is not None and parts.known else None
    figure, axes = plt.subplots(
        3 if known else 2,
        1,
        figsize=(10, 9.5 if known else 7),
        height_ratios=(3, 3, 2.2) if known else (1, 1),
        layout="constrained",
    )
    end = max((shape.seconds, *(at + latency for at, latency in points)))
    figure.suptitle(
        f"{shape}: {len(points)} files delivered, {len(ledger.missing)} not", x=0.01, ha="left", fontsize=11
    )
    _draw_backlog(axes[0], shape, [upload.finished - started for upload in taken], points, end)
    _draw_latencies(axes[1], points, end)
    if known:
        _draw_parts(axes[2], known)
    for each in axes:
        each.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=120)
    plt.close(figure)


def _draw_backlog(
    axes: Any, shape: Shape, uploaded: Sequence[float], points: Sequence[tuple[float, float]], end: float
) -> None:
    """Draw how many files were uploaded and delivered until each moment: the gap between them is on its way."""
    moments = [end * step / _STEPS for step in range(_STEPS + 1)]
    ups, downs = sorted(uploaded), sorted(at + latency for at, latency in points)
    above = [bisect_right(ups, moment) for moment in moments]
    below = [bisect_right(downs, moment) for moment in moments]
    due = sorted(shape.arrivals())
    axes.plot(moments, [bisect_right(due, at) for at in moments], color=_INK, linewidth=0.8, linestyle=":", label="due")
    axes.plot(moments, above, color=_UPLOADED, label="uploaded")
    axes.plot(moments, below, color=_DELIVERED, label="delivered")
    axes.fill_between(moments, below, above, color=_UPLOADED, alpha=0.12, linewidth=0, label="on the way")
    start = 0.0
    for phase in shape.phases:
        if start:
            axes.axvline(start, color=_INK, linewidth=0.5, alpha=0.4)
        label = f"{phase.rate:g}/s"
        axes.text(start + phase.seconds / 2, 1.01, label, transform=axes.get_xaxis_transform(), ha="center", fontsize=9)
        start += phase.seconds
    axes.axvline(start, color=_INK, linewidth=0.5, alpha=0.4)
    axes.set_ylabel("files since the start")
    axes.set_xlim(0, end)
    axes.set_ylim(bottom=0)
    axes.legend(loc="upper left", frameon=False, fontsize=9)


def _draw_latencies(axes: Any, points: Sequence[tuple[float, float]], end: float) -> None:
    axes.scatter([at for at, _ in points], [latency for _, latency in points], s=3, color=_INK, alpha=0.4, linewidths=0)
    ordered = sorted(latency for _, latency in points)
    lines = [(nearest_rank(ordered, percent), style, f"p{percent:g}") for percent, style in _PERCENTILES if ordered]
    for seconds, style, name in lines:
        axes.axhline(seconds, color=_UPLOADED, linewidth=1, linestyle=style, label=f"{name}: {seconds:.1f} s")
    for bound, share in ((TYPICAL_SECONDS, 95), (NEARLY_ALL_SECONDS, 99.9)):
        if ordered and ordered[-1] > _NEAR * bound:
            axes.axhline(bound, color=_OBJECTIVE, linewidth=1.5, label=f"objective for {share:g} %: {bound} s")
    if ordered and ordered[-1] <= _NEAR * TYPICAL_SECONDS:
        said = f"objectives, far above: 95 % below {TYPICAL_SECONDS} s, 99.9 % below {NEARLY_ALL_SECONDS} s"
        axes.plot([], [], color=_OBJECTIVE, linewidth=1.5, label=said)
    axes.set_ylabel("upload to mailbox, s")
    axes.set_xlabel("moment of the upload, s since the start")
    axes.set_xlim(0, end)
    # Above the points, where the legend has its place.
    axes.set_ylim(0, (ordered[-1] if ordered else 1.0) * 1.45)
    if ordered:
        axes.legend(loc="upper right", frameon=False, fontsize=9, ncols=2)


def _draw_parts(axes: Any, parts: PartsTable) -> None:
    """Draw a bar for the mean and for each percentile, divided as the table divides it."""
    names = list(parts.columns)
    left = [0.0] * len(names)
    for part, colour in zip(PARTS, _PART_COLOURS, strict=True):
        # A clock that is a little ahead makes a part a little negative, which no bar can be.
        widths = [max(0.0, column[part]) for column in parts.columns.values()]
        axes.barh(names, widths, left=left, color=colour, edgecolor=_INK, linewidth=0.4, height=0.7, label=part)
        left = [before + width for before, width in zip(left, widths, strict=True)]
    axes.invert_yaxis()
    axes.set_xlim(0, max(math.nextafter(0, 1), *left) * 1.02)
    axes.set_xlabel("where the time went, s")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.28), frameon=False, fontsize=9, ncols=5)
