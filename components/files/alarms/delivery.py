"""Alarms about what people were promised: how late files are, whether bundles are taken, and whether that is known."""

from typing import Final

import pulumi

from baler.files import metric_names
from components.files import timing
from components.watch.aws_metrics import metric_of_function
from components.watch.definition import FIVE_MINUTES, Above, Alarm, Below, OwnMetrics

OBJECTIVES: Final = (
    ("p95", timing.TYPICAL_DELIVERY_OBJECTIVE_SECONDS),
    ("p99.9", timing.DELIVERY_OBJECTIVE_SECONDS),
)
"""Each percentile of the delivery objective, with its seconds (NFR-02)."""

# Long enough that a run of the monitor which starts late, or is retried, is not yet silence.
_SILENT_MINUTES: Final = 5


def latency_alarms(own: OwnMetrics) -> list[Alarm]:
    """Return an alarm for each percentile of the delivery objective (NFR-02)."""
    return [
        Alarm(
            name=f"latency-{percentile}",
            metric=own.metric(metric_names.LATENCY, percentile, FIVE_MINUTES),
            when=Above(threshold=objective),
            breaching=2,
            periods=3,
            # No file was delivered, so none was late. One that still waits is the queue's alarm.
            missing="notBreaching",
            means=f"The slowest {100 - float(percentile[1:]):g}% of files took more than {objective} s to the mailbox.",
            first="see on the dashboard which part of the way grew: S3's event, the queue or the processing.",
            runbook="slow",
            rolls_back=True,
        )
        for percentile, objective in OBJECTIVES
    ]


def mailbox_alarms(own: OwnMetrics, *, wait_seconds: int, bundles_per_hour: int) -> list[Alarm]:
    """Return the alarms of a mailbox that a consumer empties.

    Args:
        own: the pipeline's metrics.
        wait_seconds: longest that a bundle may wait before the consumer counts as down.
        bundles_per_hour: what the expected load brings; more that wait are too many.
    """
    # Where the monitor is silent nothing is known: the two keep their state, and monitor-silent says why.
    return [
        Alarm(
            name="mailbox-age",
            metric=own.metric(metric_names.MAILBOX_OLDEST_AGE, "Maximum"),
            when=Above(threshold=wait_seconds),
            breaching=2,
            periods=3,
            missing="ignore",
            means=(
                f"A bundle has waited for more than {wait_seconds} s in the mailbox: the consumer is down, or cut off."
            ),
            first="look at the consumer's own log on the premises. Nothing is lost: bundles wait as long as it takes.",
            runbook="consumer-down",
            pages=True,
        ),
        Alarm(
            name="mailbox-count",
            metric=own.metric(metric_names.MAILBOX_OBJECTS, "Maximum"),
            when=Above(threshold=bundles_per_hour),
            breaching=2,
            periods=3,
            missing="ignore",
            means=(
                f"More than {bundles_per_hour} bundles wait in the mailbox, an hour's worth: the consumer is down, or "
                "too slow."
            ),
            first="look at the consumer's own log on the premises.",
            runbook="consumer-down",
        ),
    ]


def monitor_alarms(own: OwnMetrics, monitor: pulumi.Input[str], *, unseen: str) -> list[Alarm]:
    """Return the alarms of the function that counts the mailbox.

    Args:
        own: the pipeline's metrics.
        monitor: the function's name.
        unseen: whose outage goes unnoticed without it: "the consumer" or "the receiver".
    """
    return [
        Alarm(
            name="monitor-silent",
            metric=own.metric(metric_names.MAILBOX_OBJECTS, "SampleCount"),
            when=Below(threshold=1),
            breaching=_SILENT_MINUTES,
            periods=_SILENT_MINUTES,
            # The very thing that it is for: an outage would go unseen.
            missing="breaching",
            means=f"The mailbox monitor has been silent for {_SILENT_MINUTES} minutes: {unseen} may be down.",
            first="see whether files-monitor-errors is on too, and look into the mailbox by hand.",
            runbook="monitor-silent",
            pages=True,
        ),
        Alarm(
            name="monitor-errors",
            metric=metric_of_function(monitor, "Errors", "Sum"),
            when=Above(threshold=0),
            breaching=2,
            periods=3,
            missing="notBreaching",
            means="The mailbox monitor crashes.",
            first="read its log.",
            runbook="monitor-silent",
        ),
    ]
