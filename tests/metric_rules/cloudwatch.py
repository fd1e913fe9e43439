"""CloudWatch: samples make data points, data points make an alarm's state.

The rules are those of the CloudWatch user guide, "Alarm evaluation" and "Configuring how CloudWatch alarms treat
missing data", and of the API reference, PutMetricAlarm.
"""

from __future__ import annotations

import math
import operator
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]

ARRIVAL_SECONDS: Final = 60
"""How long after the end of a period its data are there and the alarm is evaluated. AWS publishes no figure: an alarm
is evaluated once a minute, and SQS and the metrics in logs arrive within seconds, so this is on the long side."""

# The guide: more data points are retrieved than are evaluated. Its tables retrieve 5 for 3.
_MORE_POINTS: Final = 2
_SHARE: Final = re.compile(r"IF\((?P<of>\w+) > (?P<few>\d+), 100 \* (?P<part>\w+) / (?P=of), 0\)")
_COMPARISONS: Final[dict[str, Callable[[float, float], bool]]] = {
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
}

Key = tuple[str, str, frozenset[tuple[str, str]]]


def key_of(namespace: str, name: str, dimensions: Mapping[str, str]) -> Key:
    """Return what tells a metric from others: another set of dimensions is another metric."""
    return namespace, name, frozenset(dimensions.items())


@dataclass
class Metrics:
    """Every sample, by metric and second."""

    _samples: defaultdict[Key, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))

    def put(self, metric: Key, at: float, value: float) -> None:
        """Add a sample; `at` is in seconds."""
        self._samples[metric].append((at, value))

    def points(self, metric: Key, statistic: str, period: int, ends: Sequence[float]) -> list[float | None]:
        """Return the data point of each period that ends at one of these seconds; None where it had no sample."""
        values: dict[float, list[float]] = {end: [] for end in ends}
        for at, value in reversed(self._samples[metric]):
            if at < min(ends) - period:
                break
            end = (at // period + 1) * period
            if end in values:
                values[end].append(value)
        return [_statistic(statistic, values[end]) for end in ends]


def _statistic(name: str, values: list[float]) -> float | None:
    if not values:
        return None
    if percentile := re.fullmatch(r"p([\d.]+)", name):
        return sorted(values)[max(0, math.ceil(float(percentile[1]) / 100 * len(values)) - 1)]
    return {
        "Sum": sum(values),
        "Maximum": max(values),
        "Minimum": min(values),
        "Average": sum(values) / len(values),
        "SampleCount": float(len(values)),
    }[name]


@dataclass
class MetricAlarm:
    """An alarm as the program declares it: the inputs of its resource."""

    inputs: Mapping[str, Any]
    state: State = "OK"

    def evaluate(self, metrics: Metrics, now: float) -> State:
        """Evaluate it at a second, with the data that have arrived by then."""
        period, periods = _period_of(self.inputs), int(self.inputs["evaluationPeriods"])
        last = (now - ARRIVAL_SECONDS) // period * period
        ends = [last - number * period for number in reversed(range(periods + _MORE_POINTS))]
        breaches = _COMPARISONS[self.inputs["comparisonOperator"]]
        points = [
            None if value is None else breaches(value, self.inputs["threshold"])
            for value in _values(self.inputs, metrics, period, ends)
        ]
        # Whatever the alarm says (API reference, PutMetricAlarm, TreatMissingData).
        missing = "ignore" if self.inputs.get("namespace") == "AWS/DynamoDB" else self.inputs["treatMissingData"]
        self.state = judge(points, int(self.inputs["datapointsToAlarm"]), periods, missing, self.state)
        return self.state


def _period_of(inputs: Mapping[str, Any]) -> int:
    """Return the period of an alarm's metric, or of all of those that its formula is of."""
    queries = inputs.get("metricQueries")
    return int(queries[1]["metric"]["period"] if queries else inputs["period"])


def _values(inputs: Mapping[str, Any], metrics: Metrics, period: int, ends: Sequence[float]) -> Sequence[float | None]:
    """Return the data points of an alarm's metric, or of its formula."""
    if "metricQueries" not in inputs:
        found = key_of(inputs["namespace"], inputs["metricName"], inputs["dimensions"])
        return metrics.points(found, inputs.get("statistic") or inputs["extendedStatistic"], period, ends)
    formula, *queries = inputs["metricQueries"]
    named = {
        query["id"]: metrics.points(
            key_of(each["namespace"], each["metricName"], each["dimensions"]), each["stat"], period, ends
        )
        for query in queries
        for each in [query["metric"]]
    }
    if share := _SHARE.fullmatch(formula["expression"]):
        parts, wholes = named[share["part"]], named[share["of"]]
        return [_percent(part, whole, int(share["few"])) for part, whole in zip(parts, wholes, strict=True)]
    came, taken = _none_taken(formula["expression"])
    return [
        None
        if all(points[place] is None for points in named.values())
        else float((named[came][place] or 0) > 0 and not sum(named[name][place] or 0 for name in taken))
        for place in range(len(ends))
    ]


def _percent(part: float | None, whole: float | None, few: int) -> float | None:
    """Return how much a part is; a formula has no data point where one of its metrics has none."""
    if part is None or whole is None:
        return None
    return 100 * part / whole if whole > few else 0.0


def _none_taken(expression: str) -> tuple[str, list[str]]:
    """Return what comes and what is taken of it, of the formula about what nobody takes.

    CloudWatch user guide, "Using math expressions": FILL puts a number where a metric has none.
    """
    found = re.fullmatch(r"IF\(FILL\((\w+), 0\) > 0 AND \((.+)\) == 0, 1, 0\)", expression)
    assert found, expression
    return found[1], re.findall(r"FILL\((\w+), 0\)", found[2])


def judge(points: Sequence[bool | None], breaching: int, periods: int, missing: str, state: State) -> State:
    """Return the next state of an alarm.

    Args:
        points: whether each data point that was retrieved breaches, the oldest first; None where it is missing.
        breaching: so many of the evaluated points must.
        periods: how many points are evaluated.
        missing: how the alarm treats missing points.
        state: the state that the alarm has.
    """
    real = [point for point in points if point is not None]
    if len(real) >= periods:
        # Enough real points: the newest of them are evaluated, and how to treat missing ones does not matter.
        return "ALARM" if sum(real[-periods:]) >= breaching else "OK"
    filled = periods - len(real)
    if sum(real) + (filled if missing == "breaching" else 0) >= breaching:
        return "ALARM"
    if missing in {"breaching", "notBreaching"} or not all(real):
        return "OK"
    if missing == "ignore":
        return state
    return "ALARM" if real else "INSUFFICIENT_DATA"
