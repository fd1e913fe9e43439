"""Alarms about the stream: are its events processed, and for how much longer does it keep those that are not?"""

from typing import Final

import pulumi

from baler.events import metric_names
from baler.events.objectives import ITERATOR_AGE_SECONDS
from components.watch.aws_metrics import metric_of_function, metric_of_mapping, metric_of_stream
from components.watch.definition import FIVE_MINUTES, Above, Alarm, OwnMetrics
from components.watch.none_taken import none_taken

_SECONDS_PER_HOUR: Final = 3_600
_MILLISECONDS_PER_SECOND: Final = 1_000
# A burst brings ten times the expected events; five minutes of that are more than one.
_BURST_FACTOR: Final = 10
# Metrics out of log lines come later than those of Kinesis: in the newest minute nothing seems to be committed.
_STALLED_MINUTES: Final = 4


def stream_alarms(own: OwnMetrics, stream: pulumi.Input[str], processor: pulumi.Input[str]) -> list[Alarm]:
    """Return the alarms about events that wait in the stream, given its name and the processor's."""
    return [
        Alarm(
            name="stalled",
            metric=none_taken(
                metric_of_stream(stream, "IncomingRecords", "Sum"),
                {
                    "events": own.metric(metric_names.EVENTS, "Sum"),
                    "rejected": own.metric(metric_names.REJECTED, "Sum"),
                    "dropped": own.metric(metric_names.DROPPED, "Sum"),
                },
            ),
            when=Above(threshold=0),
            breaching=_STALLED_MINUTES,
            periods=_STALLED_MINUTES,
            # Nothing came.
            missing="notBreaching",
            means=f"For {_STALLED_MINUTES} minutes events have come into the stream and none has been committed.",
            first="see whether events-processor-errors is on, and whether the event source mapping is enabled.",
            runbook="events-stalled",
            pages=True,
            rolls_back=True,
        ),
        Alarm(
            name="batch-age",
            metric=own.metric(metric_names.BATCH_AGE, "Maximum"),
            when=Above(threshold=ITERATOR_AGE_SECONDS),
            breaching=2,
            periods=3,
            # No attempt: then nothing came, or events-stalled says so.
            missing="notBreaching",
            means=f"Events of a shard are tried that came more than {ITERATOR_AGE_SECONDS} s ago. None is lost.",
            first="see on the dashboard, Lag by shard: one shard is stuck by a record, all of them by a store.",
            runbook="events-stalled",
            pages=True,
            rolls_back=True,
        ),
        Alarm(
            name="iterator-age",
            metric=metric_of_function(processor, "IteratorAge", "Maximum"),
            when=Above(threshold=ITERATOR_AGE_SECONDS * _MILLISECONDS_PER_SECOND),
            breaching=2,
            periods=3,
            # Lambda publishes it when a batch ends: it is silent while a shard is stuck, which is events-batch-age's.
            missing="notBreaching",
            means=f"Batches end with events that came more than {ITERATOR_AGE_SECONDS} s ago: the processor lags.",
            first="see whether events-batch-age is on too; alone, an outage is being caught up with.",
            runbook="events-stalled",
        ),
    ]


def retention_alarms(
    own: OwnMetrics, processor: pulumi.Input[str], mapping: pulumi.Input[str], *, oldest_record_seconds: int
) -> list[Alarm]:
    """Return the alarms about events that the stream is about to lose, or has lost.

    Args:
        own: the pipeline's metrics.
        processor: the function's name.
        mapping: UUID of its event source mapping, which publishes how many events it gave up.
        oldest_record_seconds: at this age Lambda gives an event up, shortly before the stream drops it.
    """
    left_seconds = oldest_record_seconds // 2
    # Each tells of something that has happened, once: there is nothing that could flap.
    return [
        Alarm(
            name="expiring",
            metric=own.metric(metric_names.BATCH_AGE, "Maximum"),
            when=Above(threshold=oldest_record_seconds - left_seconds),
            breaching=2,
            periods=3,
            missing="notBreaching",
            means=f"Events wait that Lambda gives up in less than {left_seconds / _SECONDS_PER_HOUR:g} hours.",
            first="raise the retention of the stream at once, as the page says; it holds for what is there, too.",
            runbook="events-expiring",
            pages=True,
        ),
        Alarm(
            name="given-up",
            metric=metric_of_mapping(mapping, "DroppedEventCount", "Sum"),
            when=Above(threshold=0),
            breaching=1,
            periods=1,
            missing="notBreaching",
            means="Lambda gave up events shortly before the stream drops them. They lie in the bucket of failures.",
            first="run `baler events redrive` once the processor works.",
            runbook="events-expiring",
        ),
        Alarm(
            name="given-up-unsaved",
            metric=metric_of_function(processor, "DestinationDeliveryFailures", "Sum"),
            when=Above(threshold=0),
            breaching=1,
            periods=1,
            missing="notBreaching",
            means="Lambda gave up events and could not put them into the bucket of failures. They end in the stream.",
            first="raise the retention of the stream at once, as the page says, then run `baler events replay`.",
            runbook="events-expiring",
        ),
    ]


def traffic_alarms(stream: pulumi.Input[str], *, expected_per_second: int) -> list[Alarm]:
    """Return the alarms about what comes in, given the stream's name."""
    flood = expected_per_second * _BURST_FACTOR * FIVE_MINUTES
    return [
        *(
            Alarm(
                name=f"stream-{kind}-throttles",
                metric=metric_of_stream(stream, f"{kind.title()}ProvisionedThroughputExceeded", "Sum"),
                when=Above(threshold=0),
                breaching=2,
                periods=3,
                missing="notBreaching",
                means=f"Kinesis refuses {what}: a shard is at its limit.",
                first="see on the dashboard, What comes in, whether it is one shard: then its partition key is hot.",
                runbook="events-throttled",
            )
            for kind, what in (("write", "what producers send"), ("read", "reads of the stream"))
        ),
        Alarm(
            name="traffic-high",
            metric=metric_of_stream(stream, "IncomingRecords", "Sum", FIVE_MINUTES),
            when=Above(threshold=flood),
            breaching=1,
            periods=1,
            missing="notBreaching",
            means=f"More than {flood} events came in 5 minutes: over {_BURST_FACTOR} times what is expected.",
            first="ask the producers whether they mean to; every event costs.",
            runbook="events-traffic",
        ),
    ]
