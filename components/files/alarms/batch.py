"""Alarms on what batches leave behind: files that stay in the queue, and messages that can never be processed.

AWS's own metrics are blind to both. SQS leaves a message that was received three times out of its age, counts one that
backs off as in flight, and a function that returns its messages has no error.
"""

from typing import Final

from baler.files import metric_names
from components.files import timing
from components.watch.definition import Above, Alarm, OwnMetrics

# A minute in which one of many batches saw a passing fault is none; a second one within three is.
_BREACHING: Final = 2
_PERIODS: Final = 3


def batch_alarms(own: OwnMetrics, *, expected_files_per_second: int) -> list[Alarm]:
    """Return the alarms of a stack's batches."""
    flood = timing.flood_of_rejections(files_per_second=expected_files_per_second)
    return [
        Alarm(
            name="stuck",
            metric=own.metric(metric_names.OLDEST_LEFT_AGE, "Maximum"),
            when=Above(threshold=timing.STUCK_SECONDS),
            breaching=_BREACHING,
            periods=_PERIODS,
            # No batch, no news: what is stuck comes back within 15 minutes, and clears it or not.
            missing="ignore",
            means=f"Files that have waited for more than {timing.STUCK_SECONDS} s fail and stay in the queue.",
            first="see on the dashboard, Messages that stay, the reason: it names the store that refuses or is away.",
            runbook="files-stuck",
            pages=True,
            rolls_back=True,
        ),
        Alarm(
            name="poison-flood",
            metric=own.metric(metric_names.REJECTED, "Sum"),
            when=Above(threshold=flood),
            breaching=_BREACHING,
            periods=_PERIODS,
            missing="notBreaching",
            means=f"More than {flood} messages a minute can never be processed, a tenth of what is expected to come.",
            first="run `baler dead-letters list` for the reason; after a deployment, go back to the version before.",
            runbook="dead-letters",
            pages=True,
            rolls_back=True,
        ),
    ]
