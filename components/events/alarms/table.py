"""Alarms about the tables: DynamoDB's throttling, and batches that are in no report."""

from typing import Final

import pulumi

from baler.events import metric_names
from components.watch.definition import Above, Alarm, OwnMetrics
from components.watch.throttle_alarms import throttle_alarms

_RUNBOOK: Final = "events-throttled"


def table_alarms(own: OwnMetrics, *, progress: pulumi.Input[str], batches: pulumi.Input[str]) -> list[Alarm]:
    """Return the alarms of both tables, given their names."""
    return [
        *throttle_alarms("progress", progress, "Events wait in the stream, and may be late.", _RUNBOOK),
        *throttle_alarms(
            "batches",
            batches,
            "Batches may be missing in `baler events batches`; no event is concerned.",
            _RUNBOOK,
        ),
        Alarm(
            name="unreported",
            metric=own.metric(metric_names.UNREPORTED, "Sum"),
            when=Above(threshold=0),
            breaching=2,
            periods=3,
            missing="notBreaching",
            means="Committed batches could not be written into the table of batches. No event is concerned.",
            first="read the processor's log for the reason.",
            runbook=_RUNBOOK,
        ),
    ]
