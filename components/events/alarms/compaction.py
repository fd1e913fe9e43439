"""Alarms about the table that queries read: events that come late into it, and small files that stay."""

from typing import Final

import pulumi

from baler.events import metric_names
from components.watch.aws_metrics import metric_of_queue
from components.watch.dead_letter_alarm import dead_letter_alarm
from components.watch.definition import FIVE_MINUTES, Above, Alarm, Below, OwnMetrics
from components.watch.none_taken import none_taken

_QUARTER_HOUR: Final = 900
_IDLE_QUARTERS: Final = 4
_HOUR: Final = 3_600
_SILENT_HOURS: Final = 3


def compaction_alarms(
    own: OwnMetrics, queue: pulumi.Input[str], dead_letters: pulumi.Input[str], *, longest_delay_seconds: int
) -> list[Alarm]:
    """Return the alarms of the way into the table, given the queues' names.

    Args:
        own: the pipeline's metrics.
        queue: what the compactor is fed by.
        dead_letters: of that queue.
        longest_delay_seconds: so long after it came an event is in the table, as is promised.
    """
    return [
        Alarm(
            name="table-late",
            metric=own.metric(metric_names.COMPACTION_DELAY, "p95", FIVE_MINUTES),
            when=Above(threshold=longest_delay_seconds),
            breaching=3,
            periods=3,
            missing="notBreaching",
            means=f"The slowest 5% of objects took more than {longest_delay_seconds} s from the stream into the table.",
            first="see whether events-latency-p95 is on too: then they are late before the table.",
            runbook="events-table-late",
        ),
        Alarm(
            name="compaction-age",
            metric=metric_of_queue(queue, "ApproximateAgeOfOldestMessage", "Maximum"),
            when=Above(threshold=longest_delay_seconds),
            breaching=2,
            periods=3,
            missing="notBreaching",
            means=(
                f"Processed objects wait for more than {longest_delay_seconds} s for the table: queries miss them. "
                "They are in the processed store."
            ),
            first="see whether events-compactor-errors is on, and what its log says of the table.",
            runbook="events-table-late",
            rolls_back=True,
        ),
        Alarm(
            name="not-compacted",
            metric=none_taken(
                own.metric(metric_names.PROCESSED, "Sum", _QUARTER_HOUR),
                {"compacted": own.metric(metric_names.COMPACTED_FILES, "Sum", _QUARTER_HOUR)},
            ),
            when=Above(threshold=0),
            breaching=_IDLE_QUARTERS,
            periods=_IDLE_QUARTERS,
            missing="notBreaching",
            means="For an hour objects have been processed and none has come into the table: queries miss them.",
            first="see whether the processed bucket announces them, and whether Lambda reads the queue.",
            runbook="events-table-late",
            rolls_back=True,
        ),
        dead_letter_alarm("compaction", dead_letters, "processed objects", runbook="events-table-late"),
        Alarm(
            name="rewrite-silent",
            metric=own.metric(metric_names.REWRITTEN, "SampleCount", _HOUR),
            when=Below(threshold=1),
            breaching=_SILENT_HOURS,
            periods=_SILENT_HOURS,
            # The very thing that it is for: small files pile up, and queries become slow and dear.
            missing="breaching",
            means=f"For {_SILENT_HOURS} hours no run has rewritten closed hours into few files, as a schedule says.",
            first="see whether the schedule is enabled; `baler events compact` does the same by hand.",
            runbook="events-table-late",
        ),
    ]
