"""Did something grow? A robust slope over the second half of a run, held against a tolerance.

The first half is warm-up: caches, pools and arenas fill. Over the second, the Theil-Sen estimator (the median of the
slopes between all pairs of points; Sen, 1968) says how fast a series grows, whatever single outliers do. It *grew*
where both hold:

- over the second half it has gained more than the tolerance, and
- the lower end of the slope's 99 % confidence interval (from Kendall's statistic, as Sen gives it) is above zero.

The second alone would call any tiny, steady growth one; the first alone would call noise one. A run sees leaks above
its tolerance only: `smallest_per_hour` says from which on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from statistics import median
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

# All pairs of so many points are quickly compared; a longer series is thinned to medians of its neighbours.
_POINTS: Final = 150
# With fewer the interval is wider than any slope.
_LEAST_POINTS: Final = 8
# Of the normal distribution: 99 %, two-sided.
_QUANTILE: Final = 2.576
_HOUR: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What may be gained over the second half of a run: the larger of the two.

    Attributes:
        absolute: in the series' own unit.
        share: of the second half's median.
    """

    absolute: float
    share: float


@dataclass(frozen=True, slots=True)
class Trend:
    """What the second half of a series shows.

    Attributes:
        grew: None where there are too few points.
        typical: its median.
        gained: over it, by the slope.
        tolerated: how much it may gain.
        per_hour: the slope.
        smallest_per_hour: the slope from which on it counts.
    """

    grew: bool | None
    typical: float = 0.0
    gained: float = 0.0
    tolerated: float = 0.0
    per_hour: float = 0.0
    smallest_per_hour: float = 0.0


def trend_of(series: Sequence[tuple[float, float]], tolerance: Tolerance) -> Trend:
    """Judge a series of (seconds, value), sorted by time."""
    if not series:
        return Trend(None)
    start, end = series[0][0], series[-1][0]
    points = _thinned([(at, value) for at, value in series if at >= (start + end) / 2])
    if len(points) < _LEAST_POINTS or points[-1][0] <= points[0][0]:
        return Trend(None)
    slopes = sorted(
        (value - before) / (at - earlier) for (earlier, before), (at, value) in combinations(points, 2) if at > earlier
    )
    slope, seconds = median(slopes), points[-1][0] - points[0][0]
    typical = median(value for _, value in points)
    tolerated = max(tolerance.absolute, tolerance.share * typical)
    return Trend(
        grew=slope * seconds > tolerated and _lower(slopes, len(points)) > 0,
        typical=typical,
        gained=slope * seconds,
        tolerated=tolerated,
        per_hour=slope * _HOUR,
        smallest_per_hour=tolerated / seconds * _HOUR,
    )


def _lower(slopes: Sequence[float], points: int) -> float:
    """Return the lower end of the slope's confidence interval."""
    deviation = math.sqrt(points * (points - 1) * (2 * points + 5) / 18)
    return slopes[max(0, math.floor((len(slopes) - _QUANTILE * deviation) / 2))]


def _thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    width = math.ceil(len(points) / _POINTS)
    groups = (points[first : first + width] for first in range(0, len(points), width))
    return [(median(at for at, _ in group), median(value for _, value in group)) for group in groups]
