"""Alarms about the way from raw to processed: lateness, objects that wait, objects that are refused."""

from typing import Final

import pulumi

from baler.events import metric_names
from baler.events.objectives import END_TO_END_SECONDS
from components.watch.aws_metrics import metric_of_queue
from components.watch.dead_letter_alarm import dead_letter_alarm
from components.watch.definition import FIVE_MINUTES, Above, Alarm, OwnMetrics
from components.watch.none_taken import none_taken

# An attempt that dies is seen again after six of the function's timeouts: this is not yet a retry, but it is late.
_WAITING_SECONDS: Final = 120
_IDLE_MINUTES: Final = 4
_PERCENTILE: Final = "p95"


def transform_alarms(own: OwnMetrics, queue: pulumi.Input[str], dead_letters: pulumi.Input[str]) -> list[Alarm]:
    """Return the alarms of the transformer's queue and of what it does, given the queues' names."""
    return [
        Alarm(
            name=f"latency-{_PERCENTILE}",
            metric=own.metric(metric_names.EVENT_LATENCY, _PERCENTILE, FIVE_MINUTES),
            when=Above(threshold=END_TO_END_SECONDS),
            breaching=2,
            periods=3,
            # Nothing was processed, so nothing was late. What waits has alarms of its own.
            missing="notBreaching",
            means=f"The slowest 5% of objects took more than {END_TO_END_SECONDS} s from the stream to processed.",
            first="see on the dashboard which part grew: in front of the processor, or behind it.",
            runbook="events-slow",
            rolls_back=True,
        ),
        Alarm(
            name="transform-age",
            metric=metric_of_queue(queue, "ApproximateAgeOfOldestMessage", "Maximum"),
            # Sees nothing of messages that were received three times: those are the alarm events-transform-stuck's.
            when=Above(threshold=_WAITING_SECONDS),
            breaching=2,
            periods=3,
            missing="notBreaching",
            means=f"Raw objects wait for more than {_WAITING_SECONDS} s to be transformed. None is lost.",
            first="see whether events-transformer-errors or -throttles is on; alone, more comes than is worked off.",
            runbook="events-not-transformed",
            pages=True,
            rolls_back=True,
        ),
        Alarm(
            name="transform-stuck",
            metric=own.metric(metric_names.OLDEST_LEFT_AGE, "Maximum"),
            when=Above(threshold=_WAITING_SECONDS),
            breaching=2,
            periods=3,
            # No batch, no news: what is stuck comes back within minutes, and clears it or not.
            missing="ignore",
            means=f"Raw objects older than {_WAITING_SECONDS} s fail, or wait for their batch, and stay in the queue.",
            first="see on the dashboard, Objects: not yet means that the processor is stuck, else a store is away.",
            runbook="events-not-transformed",
            pages=True,
            rolls_back=True,
        ),
        Alarm(
            name="not-transformed",
            metric=none_taken(
                own.metric(metric_names.OBJECTS, "Sum"), {"processed": own.metric(metric_names.PROCESSED, "Sum")}
            ),
            when=Above(threshold=0),
            breaching=_IDLE_MINUTES,
            periods=_IDLE_MINUTES,
            missing="notBreaching",
            means=f"For {_IDLE_MINUTES} minutes raw objects have been committed and none has been processed.",
            first="see whether the raw bucket announces them, and whether Lambda reads the queue, as the page says.",
            runbook="events-not-transformed",
            pages=True,
            rolls_back=True,
        ),
        Alarm(
            name="refused",
            metric=own.metric(metric_names.REFUSED, "Sum"),
            when=Above(threshold=0),
            # It happens once for each object, which is moved to the dead letters.
            breaching=1,
            periods=1,
            missing="notBreaching",
            means="The transformer refused objects that no processor can have written, or whose bytes were changed.",
            first="run `baler dead-letters list` for the reason; find out who wrote to the raw bucket.",
            runbook="events-not-transformed",
            rolls_back=True,
        ),
        dead_letter_alarm("transform", dead_letters, "raw objects", runbook="events-not-transformed"),
    ]
