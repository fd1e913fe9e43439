"""The latency of every file over time, with the load under it."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Final

from baler.files.objectives import NEARLY_ALL_SECONDS, TYPICAL_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from loadtest.ledger import DeliveryLedger
    from loadtest.shapes import Shape

_BINS: Final = 300
_INK, _OFFERED, _UPLOADED, _DELIVERED = "#222222", "#b0b0b0", "#1f77b4", "#d9730d"
# Of the objective: below it the line would only squeeze what is to be seen.
_NEAR: Final = 0.5


def draw(path: Path, shape: Shape, ledger: DeliveryLedger, started: float) -> None:
    """Write the figure as PNG.

    Args:
        path: the file.
        shape: the load that was offered.
        ledger: what became of it.
        started: seconds since the epoch: the zero of the time axis.
    """
    import matplotlib as mpl  # noqa: PLC0415 - half a second of processor, wanted after the test and not before

    mpl.use("agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - likewise

    taken = [upload for upload in ledger.uploads.values() if not upload.error]
    points = [(upload.finished - started, known) for upload in taken if (known := ledger.latency(upload)) is not None]
    figure, (above, below) = plt.subplots(
        2, 1, sharex=True, figsize=(10, 6), height_ratios=(3, 2), layout="constrained"
    )
    above.scatter([at for at, _ in points], [latency for _, latency in points], s=3, color=_INK, linewidths=0)
    above.set_ylabel("upload to mailbox, s")
    above.set_title(f"{shape}: {len(points)} files delivered, {len(ledger.missing)} not", loc="left", fontsize="medium")
    slowest = max((latency for _, latency in points), default=0.0)
    for bound, share in ((TYPICAL_SECONDS, 95), (NEARLY_ALL_SECONDS, 99.9)):
        if slowest > _NEAR * bound:
            above.axhline(bound, color=_DELIVERED, linewidth=1, linestyle="--")
            above.annotate(f"objective for {share:g} %", (0, bound), color=_DELIVERED, va="bottom", fontsize="small")
    above.set_ylim(bottom=0)

    ends = [shape.seconds, *(at + latency for at, latency in points)]
    width = max(1, math.ceil(max(ends) / _BINS))
    for label, color, times in (
        ("offered", _OFFERED, shape.arrivals()),
        ("uploaded", _UPLOADED, (upload.finished - started for upload in taken)),
        ("delivered", _DELIVERED, (at + latency for at, latency in points)),
    ):
        rates = _rates(times, width, max(ends))
        below.stairs(rates, [number * width for number in range(len(rates) + 1)], label=label, color=color)
    below.set_ylabel("files/s")
    below.set_xlabel("s since the start")
    below.set_ylim(bottom=0)
    below.legend(loc="upper right", frameon=False, ncols=3, fontsize="small")
    for axes in (above, below):
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=120)
    plt.close(figure)


def _rates(times: Iterable[float], width: int, end: float) -> list[float]:
    """Return events per second in intervals of `width` seconds from 0 to the end."""
    counts = Counter(int(at // width) for at in times)
    return [counts[number] / width for number in range(int(end // width) + 1)]
