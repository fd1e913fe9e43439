"""Alarms on what SQS measures of the queues: age of messages, dead letters, traffic, silence.

Where the ingest queue has several lanes, each alarm is on the sum or the worst of them: one alarm, one runbook, however
many there are. CloudWatch computes that of ten metrics at most (user guide, "Alarms based on metric math").
"""

from collections.abc import Sequence
from typing import Final

import pulumi

from components.files import timing
from components.watch.definition import FIVE_MINUTES, MINUTE, Above, Alarm, Below, Formula, Metric, Unusual

_SQS: Final = "AWS/SQS"
# Wide enough that the party's own daily ups and downs stay inside once they are learnt.
_BAND_DEVIATIONS: Final = 3


def queue_alarms(
    queues: Sequence[pulumi.Input[str]], dead_letters: pulumi.Input[str], *, expected_files_per_second: int
) -> list[Alarm]:
    """Return the alarms of the ingest queue and the dead-letter queue, given the names of all lanes and of that."""
    sent = _sent(queues, FIVE_MINUTES)
    age, late = _oldest(queues, timing.WAITING_SECONDS)
    burst = timing.burst_of_files(files_per_second=expected_files_per_second, seconds=FIVE_MINUTES)
    # A queue without activity for hours has no metrics (SQS developer guide): nothing waits, nothing comes.
    return [
        Alarm(
            name="queue-age",
            # Sees nothing of messages that were received three times: those are the alarm files-stuck's.
            metric=age,
            when=late,
            breaching=2,
            periods=3,
            missing="notBreaching",
            means=f"Files wait for more than {timing.WAITING_SECONDS} s to be bundled: they will be late.",
            first="see which other alarms are on; alone, it means that more comes in than is worked off.",
            runbook="backlog",
            pages=True,
            rolls_back=True,
        ),
        Alarm(
            name="dead-letters",
            metric=Metric(
                namespace=_SQS,
                name="ApproximateNumberOfMessagesVisible",
                dimensions={"QueueName": dead_letters},
                statistic="Maximum",
            ),
            when=Above(threshold=0),
            # It stays on until somebody has dealt with them, so it cannot flap.
            breaching=1,
            periods=1,
            missing="notBreaching",
            means="The pipeline gave up on messages: they are poison, or their files cannot be had.",
            first="run `baler dead-letters list`; SQS and the landing bucket delete them after days.",
            runbook="dead-letters",
            rolls_back=True,
        ),
        Alarm(
            name="traffic-high",
            metric=sent,
            when=Above(threshold=burst),
            breaching=1,
            periods=1,
            missing="notBreaching",
            means=f"More than {burst} files came in 5 minutes: over {timing.BURST_FACTOR} times what is expected.",
            first="ask the external party whether it means to; every file costs.",
            runbook="traffic-spike",
        ),
        Alarm(
            name="traffic-unusual",
            metric=sent,
            when=Unusual(deviations=_BAND_DEVIATIONS),
            breaching=3,
            periods=3,
            missing="notBreaching",
            means="More files come than usually at this hour, for 15 minutes, though the pipeline may well keep up.",
            first="ask the external party whether it means to; every file costs.",
            runbook="traffic-spike",
        ),
    ]


def silence_alarms(queues: Sequence[pulumi.Input[str]], *, minutes: int) -> list[Alarm]:
    """Return the alarm of a party that sends nothing for so long, given the names of all lanes; none for 0 minutes.

    What `baler dead-letters redrive` and reconciliation send again counts as sent, and hides the silence meanwhile.
    """
    if not minutes:
        return []
    return [
        Alarm(
            name="silence",
            metric=_sent(queues, MINUTE),
            when=Below(threshold=1),
            breaching=minutes,
            periods=minutes,
            # A queue in which nothing happens for six hours has no metrics (SQS developer guide).
            missing="breaching",
            means=f"The external party has sent no file for {minutes} minutes.",
            first="see that files-not-fed is off; then ask the external party.",
            runbook="no-files",
        )
    ]


def _sent(queues: Sequence[pulumi.Input[str]], period_seconds: int) -> Metric | Formula:
    """Return how many messages came in, over all lanes. A lane in which nothing happens has no metric."""
    metrics = [
        Metric(
            namespace=_SQS,
            name="NumberOfMessagesSent",
            dimensions={"QueueName": queue},
            statistic="Sum",
            period_seconds=period_seconds,
        )
        for queue in queues
    ]
    return metrics[0] if len(metrics) == 1 else _formula(" + ", "FILL({}, 0)", metrics)


def _oldest(queues: Sequence[pulumi.Input[str]], seconds: int) -> tuple[Metric | Formula, Above]:
    """Return what is above a number when the oldest message of any lane is older than so many seconds."""
    metrics = [
        Metric(
            namespace=_SQS,
            name="ApproximateAgeOfOldestMessage",
            dimensions={"QueueName": queue},
            statistic="Maximum",
        )
        for queue in queues
    ]
    if len(metrics) == 1:
        return metrics[0], Above(threshold=seconds)
    return _formula(" OR ", f"(FILL({{}}, 0) > {seconds})", metrics), Above(threshold=0)


def _formula(sign: str, each: str, metrics: Sequence[Metric]) -> Formula:
    named = {f"lane{place}": metric for place, metric in enumerate(metrics, start=1)}
    return Formula(expression=sign.join(each.format(name) for name in named), metrics=named)
