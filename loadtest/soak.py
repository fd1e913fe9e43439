"""What hours under the same load have changed: memory, descriptors, latency; and whether anything of it grew."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from loadtest.growth import Tolerance, Trend, trend_of
from loadtest.samples import FUNCTION, GENERATOR
from loadtest.slo_result import nearest_rank

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from loadtest.ledger import DeliveryLedger
    from loadtest.samples import Sample, Use

MEGABYTE: Final = 1_000_000
_HOUR: Final = 3600.0
# A run of fewer hours is shown in tenths.
_LEAST_HOURS: Final = 5
_TENTHS: Final = 10
# Of the latency that is judged: a percentile needs many files, and a slope some points.
_LATENCY_POINTS: Final = 24
_JUDGED_PERCENTILE: Final = 95.0
_PERCENTILES: Final = (50.0, 95.0, 99.9)
_MEMORY: Final = Tolerance(absolute=8.0, share=0.05)
_DESCRIPTORS: Final = Tolerance(absolute=8.0, share=0.05)
_LATENCY: Final = Tolerance(absolute=1.0, share=0.25)


@dataclass(frozen=True, slots=True)
class Series:
    """One thing that was watched.

    Attributes:
        name: whose, and what.
        unit: of its values.
        points: seconds since the start, and value.
        trend: what became of it.
        judged: whether its growth is a fault: LocalStack keeps all objects in memory, and is nobody's product.
    """

    name: str
    unit: str
    points: Sequence[tuple[float, float]]
    trend: Trend
    judged: bool

    def __str__(self) -> str:
        trend = self.trend
        return (
            f"{self.name}: {trend.gained:+.1f} {self.unit} over the second half, "
            f"{trend.per_hour:+.1f} {self.unit} an hour (tolerated {trend.tolerated:.1f})"
        )


@dataclass(frozen=True, slots=True)
class Soak:
    """What a soak has shown.

    Attributes:
        series: all that was watched.
        intervals: an hour each, or a tenth: from when, how many files, and the percentiles of their latency.
    """

    series: Sequence[Series]
    intervals: Sequence[dict[str, Any]]

    @property
    def grew(self) -> list[Series]:
        """What grew and must not."""
        return [series for series in self.series if series.judged and series.trend.grew]

    @property
    def verdict(self) -> str:
        """In three words."""
        judged = [series.trend.grew for series in self.series if series.judged]
        if any(judged):
            return "grew"
        return "did not grow" if judged and None not in judged else "too short to say"

    def document(self) -> dict[str, Any]:
        """Return it without the points, which the samples hold."""
        series = [
            {"name": each.name, "unit": each.unit, "judged": each.judged, **asdict(each.trend)} for each in self.series
        ]
        return {"verdict": self.verdict, "series": series, "intervals": list(self.intervals)}


def soak_of(
    ledger: DeliveryLedger,
    samples: Sequence[Sample],
    reported_memory: Sequence[tuple[float, float]],
    started: float,
    seconds: float,
) -> Soak:
    """Judge a run.

    Args:
        ledger: what became of the files.
        samples: of this machine; none where the stack is on AWS.
        reported_memory: when an invocation ended and the most MB that its environment had used by then.
        started: seconds since the epoch.
        seconds: how long files were sent.
    """
    files = sorted(
        (upload.finished - started, latency)
        for upload in ledger.uploads.values()
        if (latency := ledger.latency(upload)) is not None
    )
    during = [sample for sample in samples if started <= sample.at <= started + seconds]
    p95 = [
        (at, nearest_rank(latencies, _JUDGED_PERCENTILE))
        for at, latencies in _divided(files, seconds, seconds / _LATENCY_POINTS)
    ]
    series = [
        Series("upload to mailbox, p95", "s", p95, trend_of(p95, _LATENCY), judged=True),
        *_of_processes(during, started),
    ]
    reported = [(at - started, memory) for at, memory in reported_memory if at <= started + seconds]
    if reported:
        name = "as Lambda reports it, memory"
        series.append(Series(name, "MB", reported, trend_of(reported, _MEMORY), judged=True))
    if during:
        disk = [(sample.at - started, sample.disk_bytes / MEGABYTE) for sample in during]
        series.append(Series("this machine's disk, used", "MB", disk, trend_of(disk, _MEMORY), judged=False))
    width = _HOUR if seconds >= _LEAST_HOURS * _HOUR else seconds / _TENTHS
    intervals = [
        {
            "from_seconds": round(at, 1),
            "seconds": round(width, 1),
            "files": len(latencies),
            **{f"p{percent:g}": round(nearest_rank(latencies, percent), 3) for percent in _PERCENTILES},
            "memory_mb": {
                part: round(use.memory_bytes / MEGABYTE, 1) for part, use in _last(during, started + at + width).items()
            },
            "descriptors": {part: use.descriptors for part, use in _last(during, started + at + width).items()},
        }
        for at, latencies in _divided(files, seconds, width)
    ]
    return Soak(series, intervals)


def _of_processes(samples: Sequence[Sample], started: float) -> list[Series]:
    parts = sorted({part for sample in samples for part in sample.uses})
    kinds: tuple[tuple[str, str, Tolerance, Callable[[Use], float]], ...] = (
        # Of one process: a function that is given a second environment has not grown.
        ("memory", "MB", _MEMORY, lambda use: use.memory_bytes / use.processes / MEGABYTE),
        ("descriptors", "", _DESCRIPTORS, lambda use: use.descriptors / use.processes),
    )
    found: list[Series] = []
    for part in parts:
        for what, unit, tolerance, value in kinds:
            # None of them at a moment is an environment that is being replaced, not one that shrank.
            points = [
                (sample.at - started, value(use))
                for sample in samples
                if (use := sample.uses.get(part)) is not None and use.processes
            ]
            judged = part == GENERATOR or (part.startswith(FUNCTION) and len(points) > len(samples) / 2)
            found.append(Series(f"{part}, {what}", unit, points, trend_of(points, tolerance), judged=judged))
    return found


def _divided(files: Sequence[tuple[float, float]], seconds: float, width: float) -> list[tuple[float, list[float]]]:
    """Return the sorted latencies of each interval in which files were uploaded, by its start."""
    last = max(0, round(seconds / width) - 1)
    groups: dict[int, list[float]] = {}
    for at, latency in files:
        groups.setdefault(min(max(0, int(at / width)), last), []).append(latency)
    return [(number * width, sorted(groups[number])) for number in sorted(groups)]


def _last(samples: Sequence[Sample], until: float) -> dict[str, Use]:
    """Return what was used at the last look before a moment."""
    before = [sample for sample in samples if sample.at <= until]
    return before[-1].uses if before else {}
