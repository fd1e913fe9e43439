"""What a run of the lake's load has shown, for programs and for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from loadtest.slo_result import LATE_SECONDS, Result, nearest_rank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadtest.lake.reading import Asked
    from loadtest.shapes import Shape

P99_SECONDS: Final = 1.0
"""In which 99 of 100 requests are answered, seen from outside; the alarm api-latency-p99 has it of the function."""

_HELD_SHARE: Final = 0.99
_PERCENTILES: Final = (50.0, 99.0)


@dataclass(frozen=True, slots=True)
class LakeLoad:
    """What was measured.

    Attributes:
        shape: of the requests.
        asked: each request.
        records: that were curated at once.
        curation_seconds: from the schedule's event until all of them were counted; None where they never were.
    """

    shape: Shape
    asked: Sequence[Asked]
    records: int
    curation_seconds: float | None


def judge(load: LakeLoad) -> tuple[Result, list[str]]:
    """Return the result, and why it is not met, a sentence each."""
    failed = sum(not each.is_good for each in load.asked)
    in_time = sum(each.late <= LATE_SECONDS for each in load.asked)
    p99 = _percentile(load.asked, 99)
    missed = [f"{failed} requests were not answered with 200"] if failed else []
    if load.curation_seconds is None:
        missed.append(f"{load.records} records were never all counted")
    if in_time < _HELD_SHARE * load.shape.files:
        doubts = [f"the load was not held: {in_time} of {load.shape.files} requests were sent in time"]
        return (Result.MISSED if missed else Result.INCONCLUSIVE), [*missed, *doubts]
    if p99 >= P99_SECONDS:
        missed.append(f"p99 of the API is {p99:.2f} s, not below {P99_SECONDS:g} s")
    return (Result.MISSED if missed else Result.MET), missed


def document(load: LakeLoad) -> dict[str, Any]:
    """Return the summary as a document."""
    result, reasons = judge(load)
    kinds = sorted({each.path for each in load.asked})
    seconds = load.curation_seconds
    return {
        "shape": str(load.shape),
        "result": result.name.lower(),
        "reasons": reasons,
        "requests": {
            "offered": load.shape.files,
            "answered": sum(each.is_good for each in load.asked),
            "late": sum(each.late > LATE_SECONDS for each in load.asked),
        },
        "latency_milliseconds": {
            kind: {f"p{percent:g}": round(1000 * _percentile(load.asked, percent, kind), 1) for percent in _PERCENTILES}
            for kind in ("", *kinds)
        },
        "curation": {
            "records": load.records,
            "seconds": None if seconds is None else round(seconds, 1),
            "records_per_second": None if seconds is None else round(load.records / seconds, 1),
        },
    }


def lines(summary: dict[str, Any]) -> list[str]:
    """Return what a person wants to know of a summary first."""
    curation, requests = summary["curation"], summary["requests"]
    seconds = curation["seconds"]
    said = "never all" if seconds is None else f"{seconds:g} s, {curation['records_per_second']:g} records/s"
    return [
        f"curated            {curation['records']} records at once: {said}",
        f"requests           {requests['answered']} of {requests['offered']} answered",
        *(
            f"{kind or 'all':<18} p50 {found['p50']:g} ms   p99 {found['p99']:g} ms"
            for kind, found in summary["latency_milliseconds"].items()
        ),
        f"objective          p99 < {P99_SECONDS:g} s, every request answered, every record counted",
        f"result             {'; '.join((summary['result'], *summary['reasons']))}",
    ]


def _percentile(asked: Sequence[Asked], percent: float, kind: str = "") -> float:
    found = sorted(each.seconds for each in asked if not kind or each.path == kind)
    return nearest_rank(found, percent)
