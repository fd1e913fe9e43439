"""Alarm about raw events that no batch lists, and that are not provably left over."""

import pulumi

from components.watch.aws_metrics import metric_of_function
from components.watch.definition import FIVE_MINUTES, Above, Alarm


def sweep_alarms(sweeper: pulumi.Input[str]) -> list[Alarm]:
    """Return the alarm of the sweeper, whose runs end in an error for nothing else than what somebody is to see."""
    return [
        Alarm(
            name="not-committed",
            metric=metric_of_function(sweeper, "Errors", "Sum", FIVE_MINUTES),
            when=Above(threshold=0),
            breaching=1,
            periods=1,
            missing="notBreaching",
            means=(
                "The sweeper found raw events that are in no batch, or processed ones whose batch the table has lost. "
                "It removed none of them."
            ),
            first="read its log, which names them: records that nobody brought back, or a table that was restored.",
            runbook="events-not-committed",
        )
    ]
