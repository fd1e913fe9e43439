"""Where each second of the files' latency went, from the end of the upload to the mailbox."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from loadtest.ledger import DeliveryLedger
    from loadtest.timeline import BundleTimeline

STEPS: Final = ("claim", "fetch", "bundle", "archive", "mailbox")
"""Of an attempt at a bundle, in their order."""

PARTS: Final = ("event", "queue", "batch", *STEPS, "seen", "not explained")
"""Of a file's latency, in their order."""

MEANING: Final = {
    "event": "from the end of the upload until SQS took S3's message, below 0 where the answer came later",
    "queue": "until the message was first received",
    "batch": "until the function was invoked: the batching window, and earlier attempts",
    "claim": "claiming the bundle's files",
    "fetch": "reading them",
    "bundle": "compressing what was left",
    "archive": "the bundle's put into the archive",
    "mailbox": "its put into the mailbox",
    "seen": "until the courier's receipt, or until this test saw it, which looks once a second",
    "not explained": "the rest: other bundles of the same batch, and files of which the log says nothing",
}

_PERCENTILES: Final = (50.0, 95.0, 99.0, 99.9)
# A percentile is explained by the files around it: this share of all, or less where fewer are slower, and no fewer than
# so many.
_BAND_SHARE: Final = 0.005
_BAND_FILES: Final = 5


@dataclass(frozen=True, slots=True)
class PartsTable:
    """Means over files, in seconds.

    Attributes:
        columns: `mean` over all, and `p50` and so on over the files around that percentile; each holds `whole`, and the
            parts that add up to it.
        files: how many were delivered.
        known: of how many of them the function's log tells.
    """

    columns: dict[str, dict[str, float]]
    files: int
    known: int


def parts_table(ledger: DeliveryLedger, timelines: Mapping[str, BundleTimeline]) -> PartsTable:
    """Divide the latencies of a run's delivered files."""
    by_hash = {hash(bundle_id): timeline for bundle_id, timeline in timelines.items()}
    files: list[tuple[float, list[float]]] = []
    known = 0
    for upload in ledger.uploads.values():
        whole = ledger.latency(upload)
        if whole is not None:
            waits = _waits(ledger, upload.number, by_hash)
            known += waits is not None
            files.append((whole, _parts(whole, upload.finished, waits)))
    files.sort(key=lambda file: file[0])
    columns: dict[str, dict[str, float]] = {}
    if files:
        columns["mean"] = _mean(files)
        columns.update((f"p{percent:g}", _mean(_around(files, percent))) for percent in _PERCENTILES)
    return PartsTable(columns, len(files), known)


def _waits(
    ledger: DeliveryLedger, number: int, timelines: Mapping[int, BundleTimeline]
) -> tuple[BundleTimeline, float, float] | None:
    """Return the timeline of a file's bundle, and the file's own waits, where the log tells of it."""
    bundle, place = ledger.place_of(number)
    timeline = timelines.get(bundle)
    if timeline is None or not place < len(timeline.queue_wait) == len(timeline.batch_wait):
        return None
    return timeline, timeline.queue_wait[place], timeline.batch_wait[place]


def _parts(whole: float, finished: float, known: tuple[BundleTimeline, float, float] | None) -> list[float]:
    """Return a file's parts, in the order of PARTS; their sum is the whole."""
    if known is None:
        return [0.0] * (len(PARTS) - 1) + [whole]
    timeline, queue_wait, batch_wait = known
    sent_at = timeline.delivered_at - timeline.processing - queue_wait
    named = [
        sent_at - finished,
        queue_wait - batch_wait,
        batch_wait,
        *(timeline.steps.get(step, 0.0) for step in STEPS),
        finished + whole - timeline.delivered_at,
    ]
    return [*named, whole - math.fsum(named)]


def _around(files: Sequence[tuple[float, list[float]]], percent: float) -> Sequence[tuple[float, list[float]]]:
    """Return the files around a percentile, of files sorted by latency."""
    share = min(_BAND_SHARE, 2 * (1 - percent / 100))
    count = min(len(files), max(_BAND_FILES, round(len(files) * share)))
    middle = math.ceil(len(files) * percent / 100) - 1
    first = min(max(0, middle - count // 2), len(files) - count)
    return files[first : first + count]


def _mean(files: Sequence[tuple[float, list[float]]]) -> dict[str, float]:
    whole = math.fsum(latency for latency, _ in files) / len(files)
    parts = (math.fsum(each[number] for _, each in files) / len(files) for number in range(len(PARTS)))
    return {"whole": round(whole, 3), **{name: round(value, 3) for name, value in zip(PARTS, parts, strict=True)}}
