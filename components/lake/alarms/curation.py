"""Alarms about the way from raw to records: what waits, what fails, what is set aside, what is late."""

from typing import Final

import pulumi

from baler.lake import metric_names
from baler.lake.objectives import VISIBLE_SECONDS
from components.watch.aws_metrics import metric_of_queue
from components.watch.dead_letter_alarm import dead_letter_alarm
from components.watch.definition import FIVE_MINUTES, MINUTE, Above, Alarm, OwnMetrics
from components.watch.none_taken import none_taken

# Requirement document 4, "Alarms": more than 1,000 messages.
DEPTH: Final = 1_000
_WAITING_SECONDS: Final = 300
_MILLISECONDS_PER_SECOND: Final = 1_000


def curation_alarms(
    own: OwnMetrics, queue: pulumi.Input[str], dead_letters: pulumi.Input[str], *, schedule_minutes: int
) -> list[Alarm]:
    """Return the alarms of the queue and of what curates, given the names of the queues."""
    return [
        *_waiting(own, queue, schedule_minutes=schedule_minutes),
        Alarm(
            name="late",
            metric=own.metric(metric_names.CURATION_LATENCY, "p95", FIVE_MINUTES),
            when=Above(threshold=VISIBLE_SECONDS * _MILLISECONDS_PER_SECOND),
            breaching=3,
            periods=3,
            missing="notBreaching",
            means=f"Records take more than {VISIBLE_SECONDS} s from the schedule into the table.",
            first="see whether somebody rebuilds, which is late by nature; else which source or store is slow.",
            runbook="lake-not-curated",
        ),
        Alarm(
            name="processing-errors",
            metric=own.metric(metric_names.PROCESSING_ERRORS, "Sum", FIVE_MINUTES),
            when=Above(threshold=0),
            breaching=3,
            periods=3,
            missing="notBreaching",
            means="For 15 minutes raw objects could not be curated, because of them or of a store. None is lost.",
            first="see on the dashboard, Errors by reason: unavailable is a store, all else are the objects.",
            runbook="lake-not-curated",
            rolls_back=True,
        ),
        Alarm(
            name="set-aside",
            metric=own.metric(metric_names.RECORDS_SET_ASIDE, "Sum", FIVE_MINUTES),
            when=Above(threshold=0),
            breaching=3,
            periods=3,
            missing="notBreaching",
            means="For 15 minutes a source has sent records that its declaration does not fit. The others are there.",
            first="run `baler lake rejected` for the reasons; a source that changed its shape needs a new declaration.",
            runbook="lake-set-aside",
            rolls_back=True,
        ),
        dead_letter_alarm("curation", dead_letters, "raw objects", runbook="lake-not-curated"),
    ]


def _waiting(own: OwnMetrics, queue: pulumi.Input[str], *, schedule_minutes: int) -> list[Alarm]:
    window = schedule_minutes * MINUTE
    return [
        Alarm(
            name="queue-depth",
            metric=metric_of_queue(queue, "ApproximateNumberOfMessagesVisible", "Maximum"),
            when=Above(threshold=DEPTH),
            breaching=1,
            periods=1,
            missing="notBreaching",
            means=f"More than {DEPTH} raw objects wait to be curated. None is lost.",
            first="see whether somebody rebuilds; else whether lake-curation-error-rate or -throttles is on.",
            runbook="lake-not-curated",
        ),
        Alarm(
            name="queue-age",
            metric=metric_of_queue(queue, "ApproximateAgeOfOldestMessage", "Maximum"),
            # Sees nothing of messages that were received three times: those are the alarm lake-stuck's.
            when=Above(threshold=_WAITING_SECONDS),
            breaching=2,
            periods=3,
            missing="notBreaching",
            means=f"Raw objects wait for more than {_WAITING_SECONDS} s to be curated. None is lost.",
            first="see whether lake-curation-error-rate or -throttles is on; alone, more comes than is worked off.",
            runbook="lake-not-curated",
            pages=True,
            rolls_back=True,
        ),
        Alarm(
            name="stuck",
            metric=own.metric(metric_names.OLDEST_LEFT_AGE, "Maximum"),
            when=Above(threshold=_WAITING_SECONDS),
            breaching=2,
            periods=3,
            # No batch, no news: what is stuck comes back within minutes, and clears it or not.
            missing="ignore",
            means=f"Raw objects older than {_WAITING_SECONDS} s fail and stay in the queue: a store does not answer.",
            first="see on the dashboard, Errors by reason, and whether DynamoDB or S3 has an outage.",
            runbook="lake-not-curated",
            pages=True,
            rolls_back=True,
        ),
        Alarm(
            name="not-curated",
            metric=none_taken(
                own.metric(metric_names.RAW_OBJECTS, "Sum", window),
                {"curated": own.metric(metric_names.RAW_OBJECTS_CURATED, "Sum", window)},
            ),
            when=Above(threshold=0),
            breaching=2,
            periods=2,
            missing="notBreaching",
            means="In two rounds of the schedule raw objects were put and none was curated.",
            first="see whether the raw bucket announces them, and whether Lambda reads the queue, as the page says.",
            runbook="lake-not-curated",
            pages=True,
            rolls_back=True,
        ),
    ]
