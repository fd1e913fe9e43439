"""summary.json for programs, and a few lines of the same for people."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from baler.files.objectives import NEARLY_ALL_SECONDS, TYPICAL_SECONDS
from loadtest.parts import PARTS
from loadtest.slo_result import LATE_SECONDS, nearest_rank

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from loadtest.measurement import Finished, Measurement

_PERCENTILES: Final = (50, 95, 99, 99.9, 100)
# Enough to look into; all of them would be a file of its own.
_NAMED: Final = 100
_WORTH_SAYING: Final = 0.01


def document(measurement: Measurement, finished: Finished) -> dict[str, Any]:
    """Return what is known of a run, times in seconds; null where there is no number (a missing file's latency)."""
    uploads = measurement.ledger.uploads.values()
    slo, circumstances = finished.slo, finished.circumstances
    taken = [upload for upload in uploads if not upload.error]
    return {
        "result": slo.result.name.lower(),
        "reasons": list(slo.reasons),
        "run": measurement.run,
        "shape": str(measurement.shape),
        "watched": measurement.watched,
        "processes": measurement.processes,
        "seconds": round(finished.seconds, 1),
        "ending": circumstances.ending,
        "load": [
            {
                "seconds": load.phase.seconds,
                "offered_per_second": load.phase.rate,
                "achieved_per_second": round(load.rate, 2),
                "held": load.held,
            }
            for load in slo.loads
        ],
        "files": {
            "offered": measurement.shape.files,
            "uploaded": len(taken),
            "refused": len(uploads) - len(taken),
            "not_sent": measurement.shape.files - len(uploads),
            "late": sum(upload.late > LATE_SECONDS for upload in uploads),
        },
        "upload_errors": dict(measurement.upload_errors.most_common(10)),
        "lateness_seconds": _percentiles(upload.late for upload in uploads),
        "upload_seconds": _percentiles(upload.seconds for upload in taken),
        "latency_seconds": _percentiles(slo.latencies),
        "lost": len(slo.lost),
        "lost_numbers": _first(slo.lost),
        "twice": len(measurement.ledger.twice),
        "twice_numbers": _first(measurement.ledger.twice),
        "damaged": len(measurement.ledger.damaged),
        "archived_and_not_seen": len(circumstances.unseen),
        "delivered_and_not_reported": measurement.ledger.unreported,
        "bundles": len(measurement.watch.seen),
        "bundles_vanished": circumstances.vanished,
        "bundles_broken": list(circumstances.broken[:_NAMED]),
        "dead_letters": finished.dead_letters,
        "queued_before": measurement.queued_before,
        "failed_looks": measurement.watcher.failed_looks,
        "clock_error_seconds": round(circumstances.clock_error, 3),
        "generator_stalled_seconds": round(measurement.stalled_seconds, 3),
        "cpu_ms_per_upload": round(measurement.cpu_seconds * 1000 / len(uploads), 2) if uploads else None,
    }


def lines(summary: dict[str, Any]) -> list[str]:
    """Return what a person wants to know of a summary first."""
    files, latency, upload = summary["files"], summary["latency_seconds"], summary["upload_seconds"]
    load = " → ".join(
        f"{phase['achieved_per_second']:g} of {phase['offered_per_second']:g}/s" for phase in summary["load"]
    )
    refused = f", {files['refused']} refused" if files["refused"] else ""
    said = [
        f"load               {load}",
        f"uploaded           {files['uploaded']} of {files['offered']} files{refused}, in {summary['bundles']} bundles",
    ]
    if latency:
        p50, p95, p999 = (_said(latency[name]) for name in ("p50", "p95", "p99.9"))
        said += [
            f"upload to {_arrival(summary['watched']):<8} p50 {p50}   p95 {p95}   p99.9 {p999}",
            (
                f"objective          p95 < {TYPICAL_SECONDS} s, p99.9 < {NEARLY_ALL_SECONDS} s, "
                "nothing lost, nothing twice"
            ),
            f"the upload itself  p50 {_said(upload['p50'])}   p99.9 {_said(upload['p99.9'])}",
        ]
    said += [f"lost               {summary['lost']}", f"twice              {summary['twice']}"]
    said += [f"{error} ({count} uploads)" for error, count in summary["upload_errors"].items()]
    if summary["dead_letters"]:
        said.append(f"dead letters       {summary['dead_letters']}")
    said += _spent(summary)
    if growth := summary.get("growth"):
        said.append(f"over time          {growth['verdict']}")
    return [*said, f"result             {'; '.join((summary['result'], *summary['reasons']))}"]


def _spent(summary: dict[str, Any]) -> list[str]:
    """Return where the time went, as far as that is known."""
    parts, backlog = summary["parts"], summary["backlog"]
    said: list[str] = []
    for column in ("mean", "p99.9"):
        if parts["known"]:
            seconds: dict[str, float] = parts["columns"][column]
            most = sorted(PARTS, key=lambda part: -seconds[part])
            spent = ", ".join(f"{part} {seconds[part]:.2f}" for part in most if seconds[part] >= _WORTH_SAYING)
            said.append(f"{'time went, ' + column:<18} {spent} of {seconds['whole']:.2f} s")
    if parts["absent"]:
        said.append(f"time went          unknown: {parts['absent']}")
    until = "never all there" if backlog["seconds"] is None else f"all there {backlog['seconds']:.1f} s later"
    said.append(f"when uploads ended {backlog['files']} files on their way, {until}")
    # A cause says what the processors did.
    if summary["cause"]:
        said.append(f"cause              {summary['cause']}")
    elif summary["pressure"]:
        said.append(f"processors, peak   {summary['pressure']['text']}")
    return said


def _arrival(watched: str) -> str:
    return "receipt" if watched == "receipts" else watched


def _percentiles(values: Iterable[float]) -> dict[str, float | None]:
    ordered = sorted(values)
    return {f"p{percent:g}": _number(nearest_rank(ordered, percent)) for percent in _PERCENTILES} if ordered else {}


def _number(value: float) -> float | None:
    return round(value, 3) if math.isfinite(value) else None


def _said(seconds: float | None) -> str:
    return "never" if seconds is None else f"{seconds:.2f} s"


def _first(numbers: Iterable[int]) -> Sequence[int]:
    return sorted(numbers)[:_NAMED]
