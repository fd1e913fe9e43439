"""What a run of the event stream's load has shown, for programs and for people."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from baler.events.objectives import END_TO_END_SECONDS
from loadtest.events.verdict import RATE
from loadtest.slo_result import nearest_rank

if TYPE_CHECKING:
    from loadtest.events.measurement import EventsMeasurement
    from loadtest.events.verdict import EventsVerdict

_PERCENTILES: Final = (50.0, 95.0, 99.0)


def document(measurement: EventsMeasurement, verdict: EventsVerdict) -> dict[str, Any]:
    """Return the summary as a document."""
    ledger, latencies = measurement.ledger, verdict.latencies
    return {
        "run": measurement.run,
        "shape": str(measurement.shape),
        "result": verdict.result.name.lower(),
        "reasons": list(verdict.reasons),
        "events": {
            "offered": measurement.shape.files,
            "sent": len(ledger.sent),
            "given_up": measurement.sender.given_up,
        },
        "lost": len(ledger.missing),
        "twice": len(ledger.twice),
        "latency_seconds": {
            f"p{percent:g}": round(found, 3) if math.isfinite(found := nearest_rank(latencies, percent)) else None
            for percent in (_PERCENTILES if latencies else ())
        },
        "load": [
            {
                "seconds": phase.phase.seconds,
                "offered_per_second": phase.phase.rate,
                "achieved": phase.achieved,
                "processed_per_second": round(phase.processed_per_second, 1),
            }
            for phase in verdict.phases
        ],
        "failed_looks": measurement.failed_looks,
    }


def lines(summary: dict[str, Any]) -> list[str]:
    """Return what a person wants to know of a summary first."""
    events, latency = summary["events"], summary["latency_seconds"]
    load = " → ".join(
        f"{phase['processed_per_second']:g} of {phase['offered_per_second']:g}/s" for phase in summary["load"]
    )
    said = [
        f"processed            {load}",
        f"sent                 {events['sent']} of {events['offered']} events",
    ]
    if latency:
        found = "   ".join(
            f"{name} {'never' if seconds is None else f'{seconds:.1f} s'}" for name, seconds in latency.items()
        )
        said.append(f"stream to processed  {found}")
    return [
        *said,
        f"objective            p95 < {END_TO_END_SECONDS} s, {RATE:g} events/s, nothing lost, nothing twice",
        f"lost                 {summary['lost']}",
        f"twice                {summary['twice']}",
        f"result               {'; '.join((summary['result'], *summary['reasons']))}",
    ]
