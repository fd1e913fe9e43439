"""Lets something happen to a pipeline, and notes which alarm fires after how long."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from harness.recorded_program import record_program

from metric_rules.causes import NOTHING
from metric_rules.cloudwatch import MetricAlarm
from metric_rules.pipeline import Pipeline

if TYPE_CHECKING:
    from harness.recorded_program import Deployed

    from metric_rules.causes import Cause

RATE: Final = 10.0
"""Files a second: what requirement document 1 expects (NFR-05)."""

UNHEALTHY: Final = "pipeline-unhealthy"

_MINUTE: Final = 60
# All is well for so long before: no alarm of minutes looks further back.
_BEFORE_MINUTES: Final = 8
# An alarm that tells, beside the one that pages, has so long to do it.
_AFTER_MINUTES: Final = 10


@dataclass(frozen=True)
class Fired:
    """An alarm that fired.

    Attributes:
        name: what follows the stack in its name.
        minutes: since the cause began.
        pages: whether it is one of those over which pipeline-unhealthy is.
    """

    name: str
    minutes: float
    pages: bool


class Watch:
    """The alarms of a stack, evaluated every minute."""

    def __init__(self, deployed: Deployed) -> None:
        prefix = f"baler-{deployed.stack}-"
        # A band that CloudWatch learns is no matter of these rules, and pages nobody.
        self._alarms = {
            alarm.name.removeprefix(prefix): MetricAlarm(alarm.inputs)
            for alarm in deployed.all("cloudwatch/metricAlarm:MetricAlarm")
            if "metricName" in alarm.inputs
        }
        composite = deployed.one("cloudwatch/compositeAlarm:CompositeAlarm", UNHEALTHY)
        self.paging = {arn.rpartition(prefix)[2] for arn in re.findall(r'ALARM\("(.+?)"\)', composite.inputs["alarmRule"])}

    def on(self, pipeline: Pipeline, now: float) -> set[str]:
        """Evaluate all alarms, and return those that are on."""
        return {name for name, alarm in self._alarms.items() if alarm.evaluate(pipeline.metrics, now) == "ALARM"}


def program() -> Deployed:
    """Return what the program declares for production."""
    return record_program("prod")


def fired(
    deployed: Deployed, cause: Cause, *, begins_after: int = 0, rate: float = RATE, minutes: int | None = None
) -> list[Fired]:
    """Return the alarms that fire because of a cause, in the order in which they do.

    Args:
        deployed: what the program declares.
        cause: what happens.
        begins_after: seconds into a minute at which it begins.
        rate: files a second.
        minutes: how long it is watched; else until everybody who must be was paged, and no longer than promised twice.
    """
    pipeline, watch = Pipeline(deployed, rate), Watch(deployed)
    begin = _BEFORE_MINUTES * _MINUTE + begins_after
    longest = minutes or max(_AFTER_MINUTES, (cause.minutes or 0) * 2)
    found: list[Fired] = []
    before: set[str] = set()
    for now in range(1, begin + longest * _MINUTE + 1):
        pipeline.cause = cause if now > begin else NOTHING
        pipeline.step(now)
        if now % _MINUTE:
            continue
        on = watch.on(pipeline, now)
        if now <= begin:
            before = on
            continue
        since = (now - begin) / _MINUTE
        new = sorted(on - before - {each.name for each in found})
        found += [Fired(name, since, name in watch.paging) for name in new]
        if not minutes and since >= _AFTER_MINUTES and any(each.pages for each in found):
            break
    if before:
        raise AssertionError(f"alarms were on before anything happened: {sorted(before)}")
    return found
