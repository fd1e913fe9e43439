"""Alarms about the functions: errors, throttling, runs that are nearly killed."""

from dataclasses import dataclass
from typing import Final

import pulumi

from components.watch.aws_metrics import metric_of_function
from components.watch.definition import FIVE_MINUTES, MINUTE, Above, Alarm

# Requirement document 5, section 8: more than 5 errors in 2 minutes.
_ERRORS: Final = 5
_ERROR_PERIOD_SECONDS: Final = 120
# Longer than halving takes to find a record that kills, and three runs to set it aside.
_FAILING_PERIODS: Final = 4
_NEAR_TIMEOUT: Final = 0.8


@dataclass(frozen=True, kw_only=True)
class WatchedFunction:
    """A function, and what its failure means."""

    called: str
    """"processor" for example: what its alarms begin with."""

    function: pulumi.Input[str]
    """Its name."""

    timeout_seconds: int
    waits: str
    """What is not lost meanwhile, and where it waits: "Events wait in the stream" for example."""

    most_errors: int = _ERRORS
    """Errors in two minutes that are no news yet."""

    pages: bool = False
    """Whether errors that go on may stop a part of the work which no other alarm sees."""


def function_alarms(watched: WatchedFunction) -> list[Alarm]:
    """Return the alarms that every function of the stream has."""
    near = watched.timeout_seconds * _NEAR_TIMEOUT
    called, function = watched.called, watched.function
    # A function that is not invoked has no metrics, and so no errors either. What waits then has alarms of its own.
    return [
        Alarm(
            name=f"{called}-errors",
            metric=metric_of_function(function, "Errors", "Sum", _ERROR_PERIOD_SECONDS),
            when=Above(threshold=watched.most_errors),
            breaching=1,
            periods=1,
            missing="notBreaching",
            means=(
                f"The {called} crashed or was killed more than {watched.most_errors} times in 2 minutes. "
                f"{watched.waits}; none is lost."
            ),
            first="read its log; after a deployment, point the alias `live` at the version before.",
            runbook="events-function-broken",
            rolls_back=True,
        ),
        *([_failing(watched)] if watched.pages else []),
        Alarm(
            name=f"{called}-throttles",
            metric=metric_of_function(function, "Throttles", "Sum"),
            when=Above(threshold=0),
            breaching=2,
            periods=3,
            missing="notBreaching",
            means=f"Lambda refuses to start the {called}: the account's concurrency is used up. {watched.waits}.",
            first="see which function of the account uses it.",
            runbook="events-throttled",
        ),
        Alarm(
            name=f"{called}-slow",
            # Lambda measures it in milliseconds.
            metric=metric_of_function(function, "Duration", "Maximum"),
            when=Above(threshold=near * 1000),
            breaching=2,
            periods=3,
            missing="notBreaching",
            means=f"Runs of the {called} take more than {near:g} s and are killed after {watched.timeout_seconds} s.",
            first="see in the log whether an AWS service is slow, or batches are large.",
            runbook="events-slow",
            rolls_back=True,
        ),
    ]


def _failing(watched: WatchedFunction) -> Alarm:
    """Return the alarm of errors that go on: one shard that crashes shows in nothing else, while others are read."""
    minutes = _FAILING_PERIODS * FIVE_MINUTES // MINUTE
    return Alarm(
        name=f"{watched.called}-failing",
        metric=metric_of_function(watched.function, "Errors", "Sum", FIVE_MINUTES),
        when=Above(threshold=0),
        breaching=_FAILING_PERIODS,
        periods=_FAILING_PERIODS,
        missing="notBreaching",
        means=f"The {watched.called} has crashed again and again for {minutes} minutes. {watched.waits}; none is lost.",
        first="read its log for the shard: a record that kills is set aside by itself within that time.",
        runbook="events-function-broken",
        pages=True,
    )
