"""Alarms about sources: each by itself, since one that fails says nothing of the others."""

from collections.abc import Iterable
from typing import Final

import pulumi

from baler.lake import metric_names
from baler.lake.objectives import FAILURES
from baler.lake.sources import Source
from components.watch.aws_metrics import metric_of_function
from components.watch.definition import MINUTE, Above, Alarm, Below, Metric, OwnMetrics

RUNS: Final = FAILURES
"""Runs in a row after which a source is told of (requirement document 4: retries, "a source silent or failing")."""
# CloudWatch user guide, "Configuring how CloudWatch alarms treat missing data": it looks at two periods more than it is
# told to, and takes missing data for breaching where all of them are empty.
_NOTICED_AFTER: Final = RUNS + 2


def source_alarms(own: OwnMetrics, sources: Iterable[Source], *, schedule_minutes: int) -> list[Alarm]:
    """Return the alarms of sources that are fetched.

    Args:
        own: the pipeline's metrics.
        sources: as they are declared; nothing is said of those that are paused.
        schedule_minutes: how often they are fetched.
    """
    return [
        alarm
        for source in sources
        if not source.paused
        for alarm in (_failing(own, source), _silent(own, source, schedule_minutes))
    ]


def schedule_alarms(own: OwnMetrics, ingestion: pulumi.Input[str], *, schedule_minutes: int) -> list[Alarm]:
    """Return the alarms about the schedule, given the name of the function that it invokes."""
    period = schedule_minutes * MINUTE
    return [
        Alarm(
            name="schedule-silent",
            metric=metric_of_function(ingestion, "Invocations", "Sum", period),
            when=Below(threshold=1),
            breaching=RUNS,
            periods=RUNS,
            missing="breaching",
            means=f"Nothing was fetched for {_NOTICED_AFTER * schedule_minutes} minutes: the schedule invokes nothing.",
            first="see whether the rule is enabled and may invoke the function, as the page says.",
            runbook="lake-source",
            pages=True,
        ),
        Alarm(
            name="stale-events",
            metric=own.metric(metric_names.STALE_EVENTS, "Sum", period),
            when=Above(threshold=0),
            breaching=2,
            periods=RUNS,
            missing="notBreaching",
            means="Events of the schedule come so late that they are dropped: the next one asks the same sources.",
            first="see whether lake-ingestion-throttles or -error-rate is on.",
            runbook="lake-source",
        ),
    ]


def _failing(own: OwnMetrics, source: Source) -> Alarm:
    return Alarm(
        name=f"source-{source.name}-failing",
        metric=_of(own, source, metric_names.FAILURES_IN_A_ROW, "Maximum", MINUTE),
        # One that fails for the third time is on at once, and off with its first good run.
        when=Above(threshold=RUNS - 1),
        breaching=1,
        periods=1,
        # Between two runs it stays what it was.
        missing="ignore",
        means=f"The source {source.name} has failed {RUNS} times in a row. Its records stay; no other source waits.",
        first="run `baler lake sources` for the reason, and ask the source itself.",
        runbook="lake-source",
    )


def _silent(own: OwnMetrics, source: Source, schedule_minutes: int) -> Alarm:
    return Alarm(
        name=f"source-{source.name}-silent",
        metric=_of(own, source, metric_names.SOURCE_RUNS, "Sum", schedule_minutes * MINUTE),
        when=Below(threshold=1),
        breaching=RUNS,
        periods=RUNS,
        missing="breaching",
        means=f"Nobody has asked the source {source.name} for {_NOTICED_AFTER * schedule_minutes} minutes.",
        first="see whether lake-schedule-silent is on; alone, its lease is held: run `baler lake sources`.",
        runbook="lake-source",
    )


def _of(own: OwnMetrics, source: Source, name: str, statistic: str, period_seconds: int) -> Metric:
    return Metric(
        namespace=own.namespace,
        name=name,
        dimensions={**own.dimensions, metric_names.SOURCE: source.name},
        statistic=statistic,
        period_seconds=period_seconds,
    )
