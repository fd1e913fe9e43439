"""Alarms about the aggregator and its claim table: errors, throttling, runs that are nearly killed."""

from typing import Final

import pulumi

from components.files import timing
from components.watch.aws_metrics import metric_of_function, metric_of_table
from components.watch.definition import Above, Alarm

_THROTTLED_TABLE: Final = (("write", "WriteThrottleEvents"), ("read", "ReadThrottleEvents"))


def function_alarms(
    function: pulumi.Input[str], table: pulumi.Input[str], *, function_timeout_seconds: int
) -> list[Alarm]:
    """Return the alarms of the aggregator and the claim table, given their names."""
    near = timing.run_near_timeout_milliseconds(function_timeout=function_timeout_seconds)
    # A function that is not invoked has no metrics, and so no errors either. What waits meanwhile is the queue's alarm.
    return [
        Alarm(
            name="function-errors",
            metric=metric_of_function(function, "Errors", "Sum"),
            when=Above(threshold=0),
            # One run that dies is retried within the objective: only errors that go on are news.
            breaching=2,
            periods=3,
            missing="notBreaching",
            means="The aggregator crashes or is killed, again and again. Files wait in the queue; none is lost yet.",
            first="read its log; after a deployment, point the alias `live` at the version before.",
            runbook="function-broken",
            pages=True,
            rolls_back=True,
        ),
        Alarm(
            name="function-slow",
            metric=metric_of_function(function, "Duration", "Maximum"),
            when=Above(threshold=near),
            breaching=2,
            periods=3,
            missing="notBreaching",
            means=(
                f"Runs of the aggregator take more than {near / 1000:g} s and are killed after "
                f"{function_timeout_seconds} s."
            ),
            first="see in the log whether the files are large or an AWS service is slow.",
            runbook="slow",
            rolls_back=True,
        ),
        Alarm(
            name="function-throttles",
            metric=metric_of_function(function, "Throttles", "Sum"),
            when=Above(threshold=0),
            breaching=2,
            periods=3,
            missing="notBreaching",
            means="Lambda refuses to start the aggregator: the account's concurrency is used up.",
            first="see which function of the account uses it.",
            runbook="throttled",
        ),
        *(
            Alarm(
                name=f"claims-{kind}-throttles",
                metric=metric_of_table(table, metric, "Sum"),
                when=Above(threshold=0),
                breaching=2,
                periods=3,
                # DynamoDB publishes it only when it throttles, and CloudWatch ignores missing data of this namespace
                # whatever an alarm says (API reference, PutMetricAlarm): it stays on until somebody sets it to OK.
                missing="ignore",
                means=f"DynamoDB has throttled {kind}s of the claim table. Files were retried, and may be late.",
                first="see on the dashboard whether it goes on; set the alarm to OK by hand when it is over.",
                runbook="throttled",
            )
            for kind, metric in _THROTTLED_TABLE
        ),
    ]
