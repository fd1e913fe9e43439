"""Lets something happen to a pipeline, and notes which alarm fires after how long."""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from harness.recorded_program import EVENTS_ALONE, HTTP, LAKE_ALONE, record_program

from metric_rules.causes import NOTHING, Cause
from metric_rules.cloudwatch import MetricAlarm
from metric_rules.lake import Lake
from metric_rules.lake_causes import ALL_IS_FETCHED, LakeCause
from metric_rules.pipeline import Pipeline
from metric_rules.stream import EventStream
from metric_rules.stream_causes import ALL_IS_WELL, StreamCause

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.recorded_program import Deployed

    from metric_rules.cloudwatch import Metrics

RATE: Final = 10.0
"""Files a second: what requirement document 1 expects (NFR-05)."""

UNHEALTHY: Final = "pipeline-unhealthy"

_MINUTE: Final = 60
# All is well for so long before: no alarm of minutes looks further back.
_BEFORE_MINUTES: Final = 8
# An alarm that tells, beside the one that pages, has so long to do it.
_AFTER_MINUTES: Final = 8


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


# As many as the setting's default: the mailbox of `prod`, which has two, fills with fewer and larger bundles.
_TEN_FUNCTIONS: Final = {"baler:filesMaximumConcurrency": 10}


def paging_alarms(deployed: Deployed) -> set[str]:
    """Return the alarms over which pipeline-unhealthy is, by what follows the stack in their names."""
    composite = deployed.one("cloudwatch/compositeAlarm:CompositeAlarm", UNHEALTHY)
    return {
        arn.rpartition(_prefix(deployed))[2] for arn in re.findall(r'ALARM\("(.+?)"\)', composite.inputs["alarmRule"])
    }


def _metric_alarms(deployed: Deployed) -> dict[str, MetricAlarm]:
    """Return the alarms by the same names, but for the band that CloudWatch learns, which pages nobody."""
    return {
        alarm.name.removeprefix(_prefix(deployed)): MetricAlarm(alarm.inputs)
        for alarm in deployed.all("cloudwatch/metricAlarm:MetricAlarm")
        if "thresholdMetricId" not in alarm.inputs
    }


def _prefix(deployed: Deployed) -> str:
    return f"baler-{deployed.stack}-"


def program() -> Deployed:
    """Return what the program declares for production, where a consumer pulls."""
    return record_program("prod", _TEN_FUNCTIONS)


def pushing_program() -> Deployed:
    """Return the same of a stack whose courier delivers to an endpoint."""
    return record_program("prod", {**HTTP, **_TEN_FUNCTIONS})


def stream_program() -> Deployed:
    """Return the same of a stack that has the event stream alone, and expects as many events a second as come."""
    return record_program("prod", {**EVENTS_ALONE, "baler:eventsExpectedPerSecond": int(RATE)})


def lake_program() -> Deployed:
    """Return the same of a stack that has the lake alone."""
    return record_program("prod", LAKE_ALONE)


def minutes_of(
    deployed: Deployed,
    cause: Cause | StreamCause | LakeCause,
    *,
    begins_after: int = 0,
    lasts_minutes: float = math.inf,
    rate: float = RATE,
) -> Iterator[tuple[float, set[str]]]:
    """Let something happen to a healthy pipeline; yield each minute that ends, and the alarms that are on by then.

    Args:
        deployed: what the program declares.
        cause: what happens.
        begins_after: seconds into a minute at which it begins.
        lasts_minutes: after so long all is well again.
        rate: files or events a second.
    """
    step, metrics = _stepping(deployed, rate, cause)
    alarms = _metric_alarms(deployed)
    begin = _BEFORE_MINUTES * _MINUTE + begins_after
    for now in itertools.count(1):
        step(now, begin < now <= begin + lasts_minutes * _MINUTE)
        if now % _MINUTE:
            continue
        on = {name for name, alarm in alarms.items() if alarm.evaluate(metrics, now) == "ALARM"}
        if now > begin:
            yield (now - begin) / _MINUTE, on
        elif on and now > begin - _MINUTE:
            raise AssertionError(f"alarms were on before anything happened: {sorted(on)}")


def _stepping(
    deployed: Deployed, rate: float, cause: Cause | StreamCause | LakeCause
) -> tuple[Callable[[int, bool], None], Metrics]:
    """Return what lets a second pass, in which the cause is there or not, and the metrics that come of it."""
    if isinstance(cause, StreamCause):
        stream = EventStream(deployed, rate)

        def of_stream(now: int, there: bool) -> None:  # noqa: FBT001 - called by position below
            stream.cause = cause if there else ALL_IS_WELL
            stream.step(now)

        return of_stream, stream.metrics
    if isinstance(cause, LakeCause):
        lake = Lake(deployed)

        def of_lake(now: int, there: bool) -> None:  # noqa: FBT001 - likewise
            lake.cause = cause if there else ALL_IS_FETCHED
            lake.step(now)

        return of_lake, lake.metrics
    pipeline = Pipeline(deployed, rate)

    def of_files(now: int, there: bool) -> None:  # noqa: FBT001 - likewise
        pipeline.cause = cause if there else NOTHING
        pipeline.step(now)

    return of_files, pipeline.metrics


def fired(
    deployed: Deployed,
    cause: Cause | StreamCause | LakeCause,
    *,
    begins_after: int = 0,
    rate: float = RATE,
    minutes: int | None = None,
) -> list[Fired]:
    """Return the alarms that fire because of a cause, in the order in which they do.

    Args:
        deployed: what the program declares.
        cause: what happens.
        begins_after: seconds into a minute at which it begins.
        rate: files or events a second.
        minutes: how long it is watched; else for 8, and on until somebody is paged, up to twice the promised time.
    """
    found: dict[str, Fired] = {}
    paging = paging_alarms(deployed)
    after = _AFTER_MINUTES if isinstance(cause, Cause) else cause.watch_minutes
    longest = minutes or max(after, (cause.minutes or 0) * 2)
    for since, on in minutes_of(deployed, cause, begins_after=begins_after, rate=rate):
        for name in sorted(on - set(found)):
            found[name] = Fired(name, since, name in paging)
        paged = any(each.pages for each in found.values())
        if since >= longest or (not minutes and since >= after and paged):
            break
    return list(found.values())
