"""The alarms of a table that DynamoDB throttles."""

from typing import Final

import pulumi

from components.watch.aws_metrics import metric_of_table
from components.watch.definition import Above, Alarm

_THROTTLED: Final = (("write", "WriteThrottleEvents"), ("read", "ReadThrottleEvents"))


def throttle_alarms(called: str, table: pulumi.Input[str], concerned: str, runbook: str) -> list[Alarm]:
    """Return the alarms of a table.

    Args:
        called: what the table is for, "progress" for example.
        table: its name.
        concerned: a sentence: what is late or missing meanwhile.
        runbook: the page that says what to do.
    """
    return [
        Alarm(
            name=f"{called}-{kind}-throttles",
            metric=metric_of_table(table, metric, "Sum"),
            when=Above(threshold=0),
            breaching=2,
            periods=3,
            # DynamoDB publishes it only when it throttles, and CloudWatch ignores missing data of this namespace: it
            # stays on until somebody sets it to OK.
            missing="ignore",
            means=f"DynamoDB has throttled {kind}s of the table `{called}`. {concerned}",
            first="see on the dashboard whether it goes on; set the alarm to OK by hand when it is over.",
            runbook=runbook,
        )
        for kind, metric in _THROTTLED
    ]
