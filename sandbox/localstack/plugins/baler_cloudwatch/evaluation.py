"""An alarm's next state, of its metric's data points.

The rules are those of the CloudWatch user guide, "Alarm evaluation" and "Configuring how CloudWatch alarms treat
missing data", and of the API reference, PutMetricAlarm.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from baler_cloudwatch.formula import Formula
from baler_cloudwatch.samples import Metric

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from baler_cloudwatch.time_lapse import Lapse

    Alarm = Mapping[str, Any]

OK = "OK"
ON = "ALARM"
UNDECIDED = "INSUFFICIENT_DATA"

MORE_POINTS = 2
"""The guide: more data points are retrieved than are evaluated. Its tables retrieve 5 for 3."""

_MINUTE = 60

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
_IN_WORDS = {
    "GreaterThanThreshold": "greater than",
    "GreaterThanOrEqualToThreshold": "greater than or equal to",
    "LessThanThreshold": "less than",
    "LessThanOrEqualToThreshold": "less than or equal to",
}


class Samples(Protocol):
    """What an alarm reads."""

    def points(self, metric: Metric, statistic: str, period: int, starts: Sequence[int]) -> list[float | None]:
        """Return the statistic of each period; None where it had no sample."""
        ...


@dataclass(frozen=True)
class Verdict:
    """What an evaluation finds.

    Attributes:
        state: the next one.
        reason: for people.
        points: the data points, the oldest first; None where one is missing.
    """

    state: str
    reason: str
    points: Sequence[float | None]


def metric_of(queried: Mapping[str, Any], account: str, region: str) -> Metric:
    """Return the metric that an alarm or a query is about."""
    dimensions = frozenset((each["Name"], each["Value"]) for each in queried.get("Dimensions") or ())
    return Metric(account, region, queried["Namespace"], queried["MetricName"], dimensions)


def evaluate(alarm: Alarm, samples: Samples, now: float, lapse: Lapse) -> Verdict:  # noqa: D417 - of each what it is
    """Return an alarm's next state.

    Args:
        alarm: as DescribeAlarms has it.
        now: the second until which samples have arrived.
        lapse: how much faster its time passes than AWS's.
    """
    periods, breaching = alarm["EvaluationPeriods"], alarm.get("DatapointsToAlarm", alarm["EvaluationPeriods"])
    period = lapse.period(period_of(alarm))
    end = window_end(alarm, now, lapse)
    starts = [end - number * period for number in range(periods + MORE_POINTS, 0, -1)]
    values = _values(alarm, samples, period, starts)
    if "ThresholdMetricId" in alarm:
        # Of a band that CloudWatch learns in up to two weeks a sandbox, which forgets all, has no data point.
        values = [None] * len(starts)
    threshold = lapse.threshold(alarm) if "Threshold" in alarm else 0.0
    compare = COMPARISONS.get(alarm["ComparisonOperator"], operator.gt)
    points = [None if value is None else compare(value, threshold) for value in values]
    # Whatever the alarm says (API reference, PutMetricAlarm, TreatMissingData).
    ignored = alarm.get("Namespace") == "AWS/DynamoDB"
    missing = "ignore" if ignored else alarm.get("TreatMissingData", "missing")
    state = judge(points, breaching, periods, missing, alarm["StateValue"])
    return Verdict(state, _reason(alarm, state, values, threshold, missing), values)


def window_end(alarm: Alarm, now: float, lapse: Lapse) -> int:
    """Return the second at which an alarm's window ends.

    The window slides (API reference, EvaluationWindow): it ends with the last minute, however long a period is.
    """
    step = min(lapse.period(period_of(alarm)), lapse.period(_MINUTE))
    return int(now) // step * step


def period_of(alarm: Alarm) -> int:
    """Return the seconds of an alarm's period."""
    for query in alarm.get("Metrics") or ():
        if "MetricStat" in query:
            return int(query["MetricStat"]["Period"])
    return int(alarm["Period"])


def _values(alarm: Alarm, samples: Samples, period: int, starts: Sequence[int]) -> list[float | None]:
    _, _, _, region, account, *_ = alarm["AlarmArn"].split(":")
    queries = alarm.get("Metrics")
    if not queries:
        statistic = alarm.get("Statistic") or alarm["ExtendedStatistic"]
        return samples.points(metric_of(alarm, account, region), statistic, period, starts)
    named = {
        query["Id"]: samples.points(
            metric_of(query["MetricStat"]["Metric"], account, region), query["MetricStat"]["Stat"], period, starts
        )
        for query in queries
        if "MetricStat" in query
    }
    if "ThresholdMetricId" in alarm:
        return [None] * len(starts)
    [judged] = [query for query in queries if query.get("ReturnData", True)]
    return Formula(judged["Expression"]).values(named) if "Expression" in judged else named[judged["Id"]]


def judge(points: Sequence[bool | None], breaching: int, periods: int, missing: str, state: str) -> str:
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
        return ON if sum(real[-periods:]) >= breaching else OK
    filled = periods - len(real)
    if sum(real) + (filled if missing == "breaching" else 0) >= breaching:
        return ON
    if missing in {"breaching", "notBreaching"} or not all(real):
        return OK
    if missing == "ignore":
        return state
    return ON if real else UNDECIDED


def _reason(alarm: Alarm, state: str, values: Sequence[float | None], threshold: float, missing: str) -> str:
    told = [value for value in values if value is not None]
    if not told:
        return f"No data point in {len(values)} periods; missing ones are treated as {missing}."
    than = _IN_WORDS.get(alarm["ComparisonOperator"], alarm["ComparisonOperator"])
    newest = ", ".join(f"{value:g}" for value in reversed(told))
    return f"The data points, the newest first, are {newest}; {state}: {than} the threshold ({threshold:g})."
