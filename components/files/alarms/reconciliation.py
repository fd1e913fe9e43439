"""Alarms about files that the pipeline lost sight of, and about nobody looking for them."""

from typing import Final

from baler.files import metric_names
from components.files import timing
from components.watch.definition import Above, Alarm, OwnMetrics

# How often reconciliation runs.
_QUARTER_HOUR: Final = 900
_RUNS_AN_HOUR: Final = 4


def reconciliation_alarms(own: OwnMetrics) -> list[Alarm]:
    """Return the alarms of reconciliation. Neither pages: what was found is on its way again."""
    return [
        Alarm(
            name="unannounced",
            metric=own.metric(metric_names.ANNOUNCED_AGAIN, "Sum", _QUARTER_HOUR),
            when=Above(threshold=0),
            breaching=1,
            periods=1,
            missing="notBreaching",
            means="Files had landed that nothing was going to deliver. They were announced to the pipeline again.",
            first="read in its log which, and see whether the landing bucket still sends events to the ingest queue.",
            runbook="unannounced-files",
        ),
        Alarm(
            name="reconciliation-stale",
            metric=own.metric(metric_names.RECONCILED_AGE, "Maximum", _QUARTER_HOUR),
            when=Above(threshold=timing.RECONCILIATION_OBJECTIVE_SECONDS),
            breaching=_RUNS_AN_HOUR,
            periods=_RUNS_AN_HOUR,
            # It runs four times an hour; an hour without a word is a function that does not run.
            missing="breaching",
            means="For 2 days no comparison of landed with delivered files was finished: lost ones would go unseen.",
            first="read its log for the reason; an outage of the pipeline holds it up, and it goes on by itself.",
            runbook="unannounced-files",
        ),
    ]
