"""Alarms about the functions: the share of runs that fail, throttling, runs that are nearly killed."""

from dataclasses import dataclass
from typing import Final

import pulumi

from components.watch.aws_metrics import metric_of_function
from components.watch.definition import Above, Alarm, Formula

# Requirement document 4, "Alarms": an error rate above 5 %, and more than 10 throttles, in a minute.
ERROR_PERCENT: Final = 5
THROTTLES: Final = 10
_NEAR_TIMEOUT: Final = 0.8
_MILLISECONDS_PER_SECOND: Final = 1_000


@dataclass(frozen=True, kw_only=True)
class WatchedFunction:
    """A function, and what its failure means."""

    called: str
    """"curation" for example: what its alarms begin with."""

    function: pulumi.Input[str]
    """Its name."""

    timeout_seconds: int
    meanwhile: str
    """A sentence: what is late meanwhile, and that nothing is lost."""

    most_throttles: int = THROTTLES
    """Throttles in a minute that are no news yet."""


def function_alarms(watched: WatchedFunction) -> list[Alarm]:
    """Return the alarms that every function of the lake has.

    A function that is not invoked has no metrics, and so no errors either.
    """
    called, function = watched.called, watched.function
    near = watched.timeout_seconds * _NEAR_TIMEOUT
    return [
        Alarm(
            name=f"{called}-error-rate",
            metric=Formula(
                expression="IF(runs > 0, 100 * errors / runs, 0)",
                metrics={
                    "errors": metric_of_function(function, "Errors", "Sum"),
                    "runs": metric_of_function(function, "Invocations", "Sum"),
                },
            ),
            when=Above(threshold=ERROR_PERCENT),
            breaching=1,
            periods=1,
            missing="notBreaching",
            means=f"More than {ERROR_PERCENT} % of the runs of `{called}` fail. {watched.meanwhile}",
            first="read its log; after a deployment, point the alias `live` at the version before.",
            runbook="lake-function-broken",
            rolls_back=True,
        ),
        Alarm(
            name=f"{called}-throttles",
            metric=metric_of_function(function, "Throttles", "Sum"),
            when=Above(threshold=watched.most_throttles),
            breaching=1,
            periods=1,
            missing="notBreaching",
            means=f"Lambda refuses to start `{called}`: the account's concurrency is used up. {watched.meanwhile}",
            first="see which function of the account uses it.",
            runbook="lake-throttled",
        ),
        Alarm(
            name=f"{called}-slow",
            metric=metric_of_function(function, "Duration", "Maximum"),
            when=Above(threshold=near * _MILLISECONDS_PER_SECOND),
            breaching=2,
            periods=3,
            missing="notBreaching",
            means=f"Runs of `{called}` take more than {near:g} s and are killed after {watched.timeout_seconds} s.",
            first="see in the log whether a source or an AWS service is slow.",
            runbook="lake-function-broken",
            rolls_back=True,
        ),
    ]
