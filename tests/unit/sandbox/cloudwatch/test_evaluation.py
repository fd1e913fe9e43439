"""baler_cloudwatch.evaluation: every alarm that the program declares goes on and off with its metric."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from baler_cloudwatch.evaluation import evaluate
from baler_cloudwatch.time_lapse import AS_ON_AWS, Lapse
from harness.recorded_program import EVENTS, HTTP, REQUIRED, REQUIRED_OF_PROTECTED, record_program

from sandbox.engine.inputs import Inputs
from sandbox.engine.resources.cloudwatch import metric_alarm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baler_cloudwatch.samples import Metric

NOW = 1_764_000_007.0
OF_PULL = {**REQUIRED, **REQUIRED_OF_PROTECTED, **EVENTS, "baler:pipelines": ["files", "events", "lake"]}
OF_HTTP = {key: value for key, value in OF_PULL.items() if "Consumer" not in key} | HTTP
# A formula's parts: what comes, or all that there was; and what of it was bad.
WHOLE = {"came", "runs", "requests"}
BAD_PART = {"errors", "failed"}


@cache
def declared() -> dict[str, dict[str, Any]]:
    """Every alarm as CloudWatch is asked for it."""
    asked: dict[str, dict[str, Any]] = {}

    def take(**request: Any) -> None:
        name = request["AlarmName"].removeprefix("baler-prod-")
        arn = f"arn:aws:cloudwatch:eu-west-2:1:alarm:{request['AlarmName']}"
        asked[name] = {**request, "AlarmArn": arn, "StateValue": "INSUFFICIENT_DATA"}

    def describe(**_: Any) -> dict[str, Any]:
        return {"MetricAlarms": [{"AlarmArn": "arn"}]}

    cloudwatch = SimpleNamespace(put_metric_alarm=take, describe_alarms=describe)
    for settings in (OF_PULL, OF_HTTP):
        for resource in record_program("prod", settings).all("cloudwatch/metricAlarm:MetricAlarm"):
            metric_alarm(resource.name, Inputs(resource.inputs))(cast("Any", SimpleNamespace(cloudwatch=cloudwatch)))
    return asked


class Made:
    """Samples that are the same in every period: of a metric by its place among an alarm's queries."""

    def __init__(self, values: dict[str, float | None]) -> None:
        self.values = values

    def points(self, metric: Metric, statistic: str, period: int, starts: Sequence[int]) -> list[float | None]:
        assert period > 0, statistic
        return [self.values[metric.name]] * len(starts)


def made(alarm: dict[str, Any], *, bad: bool) -> Made:
    """Return bad or good samples for an alarm."""
    if "Metrics" in alarm:
        found: dict[str, float | None] = {}
        for query in alarm["Metrics"]:
            if "MetricStat" in query:
                amount = 100.0 if query["Id"] in WHOLE or bad == (query["Id"] in BAD_PART) else 0.0
                found[query["MetricStat"]["Metric"]["MetricName"]] = amount
        return Made(found)
    below = alarm["ComparisonOperator"] == "LessThanThreshold"
    return Made({alarm["MetricName"]: alarm["Threshold"] + 1 if bad != below else None if bad else 0.0})


ALARMS = sorted(declared())


@pytest.mark.parametrize("lapse", [AS_ON_AWS, Lapse(factor=30, waits=6)])
@pytest.mark.parametrize("name", [name for name in ALARMS if name != "files-traffic-unusual"])
def test_an_alarm_goes_on_and_off_with_its_metric(name: str, lapse: Lapse) -> None:
    alarm = declared()[name]
    on = evaluate(alarm, made(alarm, bad=True), NOW, lapse)
    assert on.state == "ALARM", on
    assert evaluate({**alarm, "StateValue": "ALARM"}, made(alarm, bad=False), NOW, lapse).state == "OK"


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_whose_metric_has_no_sample_is_as_it_declares(name: str) -> None:
    alarm = declared()[name]
    nothing = Made(dict.fromkeys(made(alarm, bad=True).values))
    found = evaluate(alarm, nothing, NOW, AS_ON_AWS).state
    assert (
        found == {"notBreaching": "OK", "breaching": "ALARM", "ignore": "INSUFFICIENT_DATA"}[alarm["TreatMissingData"]]
    )


def test_a_band_that_would_take_two_weeks_to_learn_has_no_data_point() -> None:
    alarm = declared()["files-traffic-unusual"]
    found = evaluate(alarm, Made({"NumberOfMessagesSent": 10.0**9}), NOW, AS_ON_AWS)
    assert (found.state, set(found.points)) == ("OK", {None})


def test_the_window_slides_with_the_minute_however_long_a_period_is() -> None:
    asked: list[int] = []

    class Noting(Made):
        def points(self, metric: Metric, statistic: str, period: int, starts: Sequence[int]) -> list[float | None]:
            asked[:] = [start + period for start in starts]
            return super().points(metric, statistic, period, starts)

    alarm = declared()["files-reconciliation-stale"]
    for now, end in ((NOW, NOW // 60 * 60), (NOW + 60, NOW // 60 * 60 + 60)):
        evaluate(alarm, Noting({alarm["MetricName"]: 0.0}), now, AS_ON_AWS)
        assert asked[-1] == end
    evaluate(alarm, Noting({alarm["MetricName"]: 0.0}), NOW, Lapse(factor=6))
    assert asked == [NOW // 10 * 10 - 150 * number for number in reversed(range(6))]
