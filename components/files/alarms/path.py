"""Alarms on what the monitor reads each minute: how many messages wait, and whether their path is set up as it was."""

from typing import Final

from baler.files import metric_names
from components.files import timing
from components.watch.definition import Above, Alarm, OwnMetrics

_UNREAD_MINUTES: Final = 5


def path_alarms(own: OwnMetrics, *, expected_files_per_second: int) -> list[Alarm]:
    """Return the alarms of a stack's path of files."""
    backlog = timing.hour_of_files(files_per_second=expected_files_per_second)
    return [
        _gauge(
            own,
            metric_names.NOT_FED,
            name="not-fed",
            means="Files that land do not get into the queue: the bucket's notification or the queue's policy changed.",
            first="see on the dashboard, What is wrong with the path, which. Files that land meanwhile are left out.",
            runbook="not-fed",
            pages=True,
        ),
        _gauge(
            own,
            metric_names.NOT_CONSUMED,
            name="not-consumed",
            means="Lambda does not read the ingest queue: its event source mapping is disabled, changed or gone.",
            first="enable the mapping. Nothing is lost: files wait in the queue.",
            runbook="not-consumed",
            pages=True,
        ),
        _gauge(
            own,
            metric_names.NO_REDRIVE,
            name="no-redrive",
            means="The ingest queue has lost its dead-letter queue: what kills the function comes back for days.",
            first="run `pulumi preview --diff` to see what changed, and `pulumi up` to put it back.",
            runbook="dead-letters",
        ),
        Alarm(
            name="monitor-blind",
            metric=own.metric(metric_names.UNREAD, "Minimum"),
            when=Above(threshold=0),
            breaching=_UNREAD_MINUTES,
            periods=_UNREAD_MINUTES,
            # Then it has not run at all, which is the alarm files-monitor-silent's.
            missing="ignore",
            means="The monitor cannot read whether files get into the queue and out of it.",
            first="read its log: it says which part, and why.",
            runbook="monitor-silent",
        ),
        Alarm(
            name="queue-depth",
            metric=own.metric(metric_names.QUEUE_MESSAGES, "Maximum"),
            when=Above(threshold=backlog),
            breaching=2,
            periods=3,
            missing="ignore",
            means=f"More than {backlog} files wait to be bundled or to be tried again, an hour's worth. None is lost.",
            first="see whether the function is broken or throttled, files are stuck, or the traffic is high.",
            runbook="backlog",
        ),
    ]


def _gauge(  # noqa: PLR0913 - what an alarm says, and its metric
    own: OwnMetrics, metric: str, *, name: str, means: str, first: str, runbook: str, pages: bool = False
) -> Alarm:
    return Alarm(
        name=name,
        metric=own.metric(metric, "Maximum"),
        when=Above(threshold=0),
        # A deployment that changes a part may be seen half done once.
        breaching=2,
        periods=3,
        # The monitor leaves out what it cannot read: nothing is known that would change the alarm.
        missing="ignore",
        means=means,
        first=first,
        runbook=runbook,
        pages=pages,
    )
