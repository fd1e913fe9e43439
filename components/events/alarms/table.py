"""Alarms about the tables: DynamoDB's throttling, and batches that are in no report."""

from typing import Final

import pulumi

from baler.events import metric_names
from components.watch.aws_metrics import metric_of_table
from components.watch.definition import Above, Alarm, OwnMetrics

_THROTTLED: Final = (("write", "WriteThrottleEvents"), ("read", "ReadThrottleEvents"))


def table_alarms(own: OwnMetrics, *, progress: pulumi.Input[str], batches: pulumi.Input[str]) -> list[Alarm]:
    """Return the alarms of both tables, given their names."""
    return [
        *_throttles("progress", progress, "Events wait in the stream, and may be late."),
        *_throttles("batches", batches, "Batches may be missing in `baler events batches`; no event is concerned."),
        Alarm(
            name="unreported",
            metric=own.metric(metric_names.UNREPORTED, "Sum"),
            when=Above(threshold=0),
            breaching=2,
            periods=3,
            missing="notBreaching",
            means="Committed batches could not be written into the table of batches. No event is concerned.",
            first="read the processor's log for the reason.",
            runbook="events-throttled",
        ),
    ]


def _throttles(called: str, table: pulumi.Input[str], concerned: str) -> list[Alarm]:
    return [
        Alarm(
            name=f"{called}-{kind}-throttles",
            metric=metric_of_table(table, metric, "Sum"),
            when=Above(threshold=0),
            breaching=2,
            periods=3,
            # DynamoDB publishes it only when it throttles, and CloudWatch ignores missing data of this namespace: it
            # stays on until somebody sets it to OK.
            missing="ignore",
            means=f"DynamoDB has throttled {kind}s of the table `{called}`. {concerned}",
            first="see on the dashboard whether it goes on; set the alarm to OK by hand when it is over.",
            runbook="events-throttled",
        )
        for kind, metric in _THROTTLED
    ]
