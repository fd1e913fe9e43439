"""Writes what is known of a finished run: summary.json, the figures, and the page that shows both."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import boto3

from loadtest import plot, summary
from loadtest.drain import Ending
from loadtest.page import write_page
from loadtest.parts import PARTS, PartsTable, parts_table
from loadtest.pressure import LATE_P999_SECONDS, backlog_of, cause_of, peak_of, pressure_of
from loadtest.samples import FILE, read_samples
from loadtest.slo_result import Result, nearest_rank
from loadtest.soak import soak_of
from loadtest.soak_plot import draw_soak
from loadtest.timeline import FunctionLog, LogUnreadableError

if TYPE_CHECKING:
    from pathlib import Path

    from loadtest.measurement import Finished, Measurement
    from loadtest.soak import Soak

SOAK: Final = "soak"
"""The shape whose growth is judged."""

_MARGIN_SECONDS: Final = 60.0
_NO_GROUP: Final = "the stack's outputs name no log group of the function"
_NO_SAMPLES: Final = "memory and descriptors of processes: only of a stack on this machine can they be seen"


@dataclass(frozen=True, slots=True)
class _Told:
    """What the function's log tells.

    Attributes:
        parts: where the time went.
        memory: when an invocation ended, and the most MB that its environment had used.
        absent: why there is less than that; or empty.
    """

    parts: PartsTable
    memory: list[tuple[float, float]]
    absent: str


def write_report(measurement: Measurement, finished: Finished, results: Path) -> tuple[dict[str, Any], Result]:
    """Write the report into a folder; return its summary and what the run has shown."""
    told = _ask_the_log(measurement, finished)
    samples = read_samples(results / FILE)
    started, shape = measurement.started, measurement.shape
    peak = peak_of(shape)
    pressure = pressure_of(samples, started + peak[0], started + peak[1])
    soak: Soak | None = None
    if shape.name == SOAK:
        seconds = min(shape.seconds, finished.seconds)
        soak = soak_of(measurement.ledger, samples, told.memory, started, seconds)
    result, reasons = _judged(finished, soak)
    slowest = told.parts.columns.get("p99.9", {}) if told.parts.known else {}
    document: dict[str, Any] = {
        **summary.document(measurement, finished),
        "result": result.name.lower(),
        "reasons": reasons,
        "cause": cause_of(pressure, measurement.stalled_seconds, {part: slowest[part] for part in PARTS if slowest})
        if _is_late(finished)
        else "",
        "backlog": asdict(backlog_of(measurement.ledger)),
        "pressure": {**asdict(pressure), "text": str(pressure)} if pressure else None,
        "parts": {**asdict(told.parts), "absent": told.absent},
        "function_memory_mb": max((memory for _, memory in told.memory), default=None),
        "growth": {**soak.document(), "absent": [] if samples else [_NO_SAMPLES]} if soak else None,
    }
    (results / "summary.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    figures = [("Uploaded, delivered, and the latency of each file", results / "latency.png")]
    plot.draw(figures[0][1], shape, measurement.ledger, started, told.parts)
    if soak:
        figures.append(("Over time", results / "soak.png"))
        draw_soak(figures[1][1], soak, min(shape.seconds, finished.seconds))
    write_page(results / "index.html", document, figures)
    return document, result


def _ask_the_log(measurement: Measurement, finished: Finished) -> _Told:
    ledger, group = measurement.ledger, measurement.target.aggregator_log_group
    if not group:
        return _Told(parts_table(ledger, {}), [], _NO_GROUP)
    log = FunctionLog(
        boto3.client("logs", region_name=measurement.target.region), group, measurement.started - _MARGIN_SECONDS
    )
    try:
        # Somebody who has stopped the test is not kept waiting.
        wait = finished.circumstances.ending is not Ending.INTERRUPTED
        return _Told(parts_table(ledger, log.timelines(len(measurement.watch.seen), wait=wait)), log.memory(), "")
    except LogUnreadableError as error:
        return _Told(parts_table(ledger, {}), [], str(error))


def _judged(finished: Finished, soak: Soak | None) -> tuple[Result, list[str]]:
    """Return the result of the latency and of what grew, and why it is not met."""
    result, reasons = finished.slo.result, list(finished.slo.reasons)
    if soak is None:
        return result, reasons
    if grew := soak.grew:
        return Result.MISSED, [*reasons, *(f"it grew: {series}" for series in grew)]
    if soak.verdict == "did not grow":
        return result, reasons
    reasons.append("it was too short to say whether anything grows")
    return (Result.INCONCLUSIVE if result is Result.MET else result), reasons


def _is_late(finished: Finished) -> bool:
    latencies = finished.slo.latencies
    slow = bool(latencies) and nearest_rank(latencies, 99.9) > LATE_P999_SECONDS
    return slow or not all(load.held for load in finished.slo.loads)
