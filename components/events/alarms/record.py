"""Alarms about records that can never be events."""

from typing import Final

from baler.events import metric_names
from components.watch.definition import Above, Alarm, OwnMetrics

_REJECTED_SHARE: Final = 0.1
_SECONDS_PER_MINUTE: Final = 60


def record_alarms(own: OwnMetrics, *, expected_per_second: int) -> list[Alarm]:
    """Return the alarms about what is rejected. None pages: a rejected line keeps the record's exact bytes."""
    flood = int(expected_per_second * _REJECTED_SHARE * _SECONDS_PER_MINUTE)
    return [
        Alarm(
            name="rejected-flood",
            metric=own.metric(metric_names.REJECTED, "Sum"),
            when=Above(threshold=flood),
            breaching=2,
            periods=3,
            missing="notBreaching",
            means=f"More than {flood} records a minute can never be events, a tenth of what is expected to come.",
            first="run `baler events rejected` for the reasons; after a deployment, go back to the version before.",
            runbook="events-rejected",
            rolls_back=True,
        ),
        Alarm(
            name="set-aside",
            metric=own.metric(metric_names.SET_ASIDE, "Sum"),
            when=Above(threshold=0),
            # It happens once for each record: there is nothing that could flap.
            breaching=1,
            periods=1,
            missing="notBreaching",
            means="A record killed the processor whenever it was alone, and was set aside as a rejected line, `kills`.",
            first="read what the processor's log says of these runs; its bytes are in the line.",
            runbook="events-rejected",
            rolls_back=True,
        ),
    ]
