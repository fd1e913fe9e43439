"""What the pipeline is watched over for: its alarms, its rows of the dashboard, and accesses to its bucket."""

from dataclasses import dataclass

import pulumi

from components.watch.access_trail import RecordedEvents
from components.watch.aws_metrics import metric_of_queue
from components.watch.definition import Above, Alarm
from components.watch.rollout import ShiftedAlias
from components.watch.stack_watch import Watched


@dataclass(frozen=True, kw_only=True)
class WatchedParts:
    """What there is to watch over."""

    ingestion: ShiftedAlias
    curation: ShiftedAlias
    api: ShiftedAlias
    """Aliases without alarms: they are given theirs here."""

    dead_letters: pulumi.Input[str]
    """Name of curation's queue of them."""

    raw_bucket_arn: pulumi.Input[str]
    ingestion_role_name: pulumi.Input[str]
    curation_role_name: pulumi.Input[str]


def watched(parts: WatchedParts, *, shifted: bool) -> Watched:
    """Return what the pipeline is watched over for.

    Args:
        parts: what there is.
        shifted: whether deployments move the aliases of the functions.
    """
    return Watched(
        alarms=[_dead_letters(parts.dead_letters)],
        rows=[],
        recorded=[
            RecordedEvents(
                title="Raw objects and records set aside, but what ingestion and curation do",
                bucket_arns=[parts.raw_bucket_arn],
                not_by_roles=[parts.ingestion_role_name, parts.curation_role_name],
            )
        ],
        shifted=[parts.ingestion, parts.curation, parts.api] if shifted else [],
    )


def _dead_letters(queue: pulumi.Input[str]) -> Alarm:
    return Alarm(
        name="dead-letters",
        metric=metric_of_queue(queue, "ApproximateNumberOfMessagesVisible", "Maximum"),
        when=Above(threshold=0),
        # It stays on until somebody has dealt with them, so it cannot flap.
        breaching=1,
        periods=1,
        missing="notBreaching",
        means="Curation gave up on messages that announce raw objects. The objects are in their bucket.",
        first="run `baler dead-letters list`; SQS deletes them after days.",
        runbook="dead-letters",
        pages=True,
    )
