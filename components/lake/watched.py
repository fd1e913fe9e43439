"""What the pipeline is watched over for: its alarms, its rows of the dashboard, and accesses to its bucket."""

from dataclasses import dataclass

import pulumi

from components.watch.access_trail import RecordedEvents
from components.watch.rollout import ShiftedAlias
from components.watch.stack_watch import Watched


@dataclass(frozen=True, kw_only=True)
class WatchedParts:
    """What there is to watch over."""

    ingestion: ShiftedAlias
    curation: ShiftedAlias
    api: ShiftedAlias
    """Aliases without alarms: they are given theirs here."""

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
        alarms=[],
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
