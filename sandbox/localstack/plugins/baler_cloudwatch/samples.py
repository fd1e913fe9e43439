"""Every sample of every metric, and the statistics of them.

CloudWatch user guide, "CloudWatch concepts": a metric is told from others by namespace, name and its exact set of
dimensions; statistics are of the samples of a period.
"""

from __future__ import annotations

import math
import re
import threading
import time
from bisect import bisect_left, insort
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

KEPT_SECONDS = 6 * 3600
"""How long a sample is kept: longer than what any alarm here looks back. AWS keeps them for 15 months."""
FINE_SECONDS = 900
"""After this the samples of a minute are kept together, as AWS does after three hours."""
_MINUTE = 60

_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)")
_PLAIN = ("Average", "Maximum", "Minimum", "SampleCount", "Sum")


@dataclass(frozen=True, slots=True)
class Metric:
    """What tells a metric from others."""

    account: str
    region: str
    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]


@dataclass(slots=True)
class _Series:
    seconds: list[int] = field(default_factory=list)
    """Those that have samples, in order."""
    counts: dict[int, Counter[float]] = field(default_factory=dict)
    """By second, how often each value came."""
    unit: str = "None"


class MetricStore:
    """Samples by metric and second; any thread may put and read."""

    def __init__(self) -> None:
        self._series: dict[Metric, _Series] = {}
        self._lock = threading.Lock()

    def put(self, metric: Metric, at: float, values: Mapping[float, int], unit: str | None = None) -> None:
        """Add samples.

        Args:
            metric: of which they are.
            at: seconds since the epoch.
            values: how often each value came.
            unit: as CloudWatch names it; the last one given is the metric's.
        """
        second = int(at)
        with self._lock:
            series = self._series.setdefault(metric, _Series())
            if unit:
                series.unit = unit
            if second not in series.counts:
                if series.seconds and second // _MINUTE > series.seconds[-1] // _MINUTE:
                    self._age(series, second)
                insort(series.seconds, second)
                series.counts[second] = Counter()
            series.counts[second].update(values)

    def points(self, metric: Metric, statistic: str, period: int, starts: Sequence[int]) -> list[float | None]:
        """Return the statistic of each period that starts at one of these seconds; None where it had no sample."""
        return [self._point(metric, statistic, start, start + period) for start in starts]

    def _point(self, metric: Metric, statistic: str, start: int, end: int) -> float | None:
        with self._lock:
            series = self._series.get(metric)
            if series is None:
                return None
            values: Counter[float] = Counter()
            for second in series.seconds[bisect_left(series.seconds, start) : bisect_left(series.seconds, end)]:
                values.update(series.counts[second])
        return statistic_of(values, statistic)

    def unit(self, metric: Metric) -> str:
        """Return the unit of a metric."""
        with self._lock:
            return self._series[metric].unit if metric in self._series else "None"

    def metrics(self) -> list[Metric]:
        """Return all that have a sample."""
        with self._lock:
            return list(self._series)

    def samples(self) -> Iterable[tuple[Metric, int, float, int]]:
        """Yield every value: of which metric, in which second, and how often."""
        with self._lock:
            found = [
                (metric, second, value, count)
                for metric, series in self._series.items()
                for second, values in series.counts.items()
                for value, count in values.items()
            ]
        yield from found

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._series.clear()

    @staticmethod
    def _age(series: _Series, now: int) -> None:
        for second in series.seconds[: bisect_left(series.seconds, now - FINE_SECONDS)]:
            minute = second // _MINUTE * _MINUTE
            if second < now - KEPT_SECONDS:
                del series.counts[second]
            elif second != minute:
                series.counts.setdefault(minute, Counter()).update(series.counts.pop(second))
        series.seconds = sorted(series.counts)


STORE = MetricStore()
"""The samples of this LocalStack: what measures something puts it here, whether CloudWatch was asked yet or not."""


def is_statistic(name: str) -> bool:
    """Tell whether `statistic_of` knows a statistic."""
    return name in _PLAIN or _PERCENTILE.fullmatch(name) is not None


def statistic_of(values: Counter[float], name: str) -> float | None:
    """Return a statistic of samples; None where there are none.

    A percentile is the smallest value that so many percent of the samples do not exceed. AWS interpolates, by a way
    that it does not publish: the difference lies between two samples.
    """
    count = values.total()
    if not count:
        return None
    match name:
        case "SampleCount":
            return float(count)
        case "Maximum":
            return max(values)
        case "Minimum":
            return min(values)
        case "Sum" | "Average":
            total = math.fsum(value * times for value, times in values.items())
            return total if name == "Sum" else total / count
    found = _PERCENTILE.fullmatch(name)
    if found is None:
        raise ValueError(f"the sandbox knows no statistic {name}")
    left = max(1, math.ceil(float(found[1]) / 100 * count))
    for value in sorted(values):
        left -= values[value]
        if left <= 0:
            break
    return value


def measured(
    account: str, region: str, namespace: str, dimensions: Mapping[str, str], values: Mapping[str, float | None]
) -> None:
    """Put one sample of each of these metrics, now; none of one whose value is None."""
    about = frozenset(dimensions.items())
    now = time.time()
    for name, value in values.items():
        if value is not None:
            STORE.put(Metric(account, region, namespace, name, about), now, {float(value): 1})
