"""The alarm of a dead-letter queue."""

import pulumi

from components.watch.aws_metrics import metric_of_queue
from components.watch.definition import Above, Alarm


def dead_letter_alarm(called: str, queue: pulumi.Input[str], what: str, *, runbook: str) -> Alarm:
    """Return the alarm of a dead-letter queue.

    Args:
        called: what its messages are for, "transform" for example.
        queue: its name.
        what: the objects that its messages announce.
        runbook: the page of who reads its source.
    """
    return Alarm(
        name=f"{called}-dead-letters",
        metric=metric_of_queue(queue, "ApproximateNumberOfMessagesVisible", "Maximum"),
        when=Above(threshold=0),
        # It stays on until somebody has dealt with them, so it cannot flap.
        breaching=1,
        periods=1,
        missing="notBreaching",
        means=f"The pipeline gave up on messages that announce {what}. The objects are in their store.",
        first="run `baler dead-letters list`; SQS deletes them after days.",
        runbook=runbook,
        rolls_back=True,
    )
