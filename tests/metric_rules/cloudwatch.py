"""CloudWatch: samples make data points, data points make an alarm's state.

Statistics, formulas and the judgement are the sandbox's (plugins/baler_cloudwatch), which evaluates deployed alarms by
them; here alarms are evaluated as the program declares them, over samples of seconds that the model makes up.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from baler_cloudwatch.evaluation import COMPARISONS, MORE_POINTS, judge
from baler_cloudwatch.formula import Formula
from baler_cloudwatch.samples import statistic_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]

ARRIVAL_SECONDS: Final = 60
"""How long after the end of a period its data are there and the alarm is evaluated. AWS publishes no figure: an alarm
is evaluated once a minute, and SQS and the metrics in logs arrive within seconds, so this is on the long side."""

_MINUTE: Final = 60

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
        """Return the data point of each period that ends at one of these seconds; None where it had no sample.

        The ends lie a period apart, the first of them first.
        """
        values: list[Counter[float]] = [Counter() for _ in ends]
        begin = ends[0] - period
        for at, value in reversed(self._samples[metric]):
            if at < begin:
                break
            place = int((at - begin) // period)
            if 0 <= place < len(ends):
                values[place][value] += 1
        return [statistic_of(each, statistic) for each in values]


@dataclass
class MetricAlarm:
    """An alarm as the program declares it: the inputs of its resource."""

    inputs: Mapping[str, Any]
    state: State = "OK"

    def evaluate(self, metrics: Metrics, now: float) -> State:
        """Evaluate it at a second, with the data that have arrived by then."""
        period, periods = _period_of(self.inputs), int(self.inputs["evaluationPeriods"])
        # The window slides: it ends with the last minute (API reference, EvaluationWindow).
        last = (now - ARRIVAL_SECONDS) // _MINUTE * _MINUTE
        ends = [last - number * period for number in reversed(range(periods + MORE_POINTS))]
        breaches = COMPARISONS[self.inputs["comparisonOperator"]]
        points = [
            None if value is None else breaches(value, self.inputs["threshold"])
            for value in _values(self.inputs, metrics, period, ends)
        ]
        # Whatever the alarm says (API reference, PutMetricAlarm, TreatMissingData).
        missing = "ignore" if self.inputs.get("namespace") == "AWS/DynamoDB" else self.inputs["treatMissingData"]
        self.state = cast("State", judge(points, int(self.inputs["datapointsToAlarm"]), periods, missing, self.state))
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
    return Formula(formula["expression"]).values(named)
