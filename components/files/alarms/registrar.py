"""The alarm of a register that does not keep up with the archive."""

from typing import Final

from baler.files import metric_names
from components.files import timing
from components.watch.definition import Above, Alarm, OwnMetrics

# How often the registrar runs.
_QUARTER_HOUR: Final = 900
_RUNS_AN_HOUR: Final = 4


def registrar_alarms(own: OwnMetrics) -> list[Alarm]:
    """Return the registrar's alarm. It does not page: nothing is lost, and listings are slower meanwhile."""
    return [
        Alarm(
            name="register-stale",
            metric=own.metric(metric_names.REGISTER_AGE, "Maximum", _QUARTER_HOUR),
            when=Above(threshold=timing.REGISTER_OBJECTIVE_SECONDS),
            breaching=_RUNS_AN_HOUR,
            periods=_RUNS_AN_HOUR,
            # It runs four times an hour; an hour without a word is a function that does not run.
            missing="breaching",
            means="Bundles are archived that the register does not have: nobody could tell that one was removed.",
            first="read the registrar's log for the reason; it catches up by itself.",
            runbook="register-stale",
        ),
    ]
