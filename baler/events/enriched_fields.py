"""What the transformer adds to an event, declared by type as the events themselves are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from baler.events.event_types import METRIC, SYSTEM_EVENT, TRANSACTION, USER_ACTION


class EnrichedKind(StrEnum):
    """What an added value is."""

    TEXT = "text"
    FLAG = "flag"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class EnrichedField:
    """One field that is added.

    Attributes:
        name: its key in `enriched_data`.
        kind: what its value is.
        meaning: one line.
    """

    name: str
    kind: EnrichedKind
    meaning: str


ENRICHED_FIELDS: Final = {
    USER_ACTION.name: (
        EnrichedField("action_date", EnrichedKind.DATE, "day of a user action, UTC"),
        EnrichedField("session_duration_category", EnrichedKind.TEXT, "short, medium or long"),
    ),
    TRANSACTION.name: (
        EnrichedField("transaction_date", EnrichedKind.DATE, "day of a transaction, UTC"),
        EnrichedField("amount_category", EnrichedKind.TEXT, "micro, small, medium or large"),
        EnrichedField("is_high_value", EnrichedKind.FLAG, "whether the amount is above the limit, 1000 by default"),
    ),
    METRIC.name: (
        EnrichedField("metric_date", EnrichedKind.DATE, "day of a metric, UTC"),
        EnrichedField("value_range", EnrichedKind.TEXT, "negative, low, normal or high"),
        EnrichedField("is_anomaly", EnrichedKind.FLAG, "whether the value is one that is not expected"),
    ),
    SYSTEM_EVENT.name: (),
}
"""Of each declared type, what `transformation` adds."""
