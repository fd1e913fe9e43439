"""The types of events that the pipeline takes, each declared once.

A new type is one `EventType` here. Validation reads it, and the page docs/event-records.md is held to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

TIMESTAMP: Final = "timestamp"
"""The field that says when the event happened; every event has it (`event_time` says how it is written)."""
EVENT_TYPE: Final = "event_type"
"""The field that names the type; every event has it."""
KINESIS: Final = "kinesis"
"""The field that the processor adds: where the event came from. No producer may send it."""

DECIMAL_LIMIT: Final = 1e29
"""A decimal lies between this and its negative, so that a column of 38 digits, 9 of them fractional, holds it.

It is a double, which lies just below 10^29, since numbers with a point or an exponent are compared as doubles: by the
integer, 1e29 itself would be smaller.
"""


class FieldKind(StrEnum):
    """What a field's value is."""

    TEXT = "text"
    """A JSON string."""
    NUMBER = "number"
    """A JSON number; a column of it is a double."""
    DECIMAL = "decimal"
    """A JSON number within `DECIMAL_LIMIT`, to be summed exactly; its column has 9 fractional digits."""


@dataclass(frozen=True, slots=True)
class Field:
    """One declared field of a type.

    Attributes:
        name: the key, in small letters: tables do not know cases apart.
        kind: what its value is.
        meaning: one line, with the unit.
        required: an event without it is rejected. Another may leave it out or have null there.
    """

    name: str
    kind: FieldKind
    meaning: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class EventType:
    """One type of event.

    Attributes:
        name: what `event_type` says, exactly; small letters and underscores, since it is part of keys.
        fields: what is declared beside `timestamp` and `event_type`. Others may come and are kept as they are.
    """

    name: str
    fields: tuple[Field, ...]


USER_ACTION: Final = EventType(
    "user_action",
    (
        Field("user_id", FieldKind.TEXT, "who acted"),
        Field("action", FieldKind.TEXT, "what they did"),
        Field("page", FieldKind.TEXT, "where"),
        Field("session_id", FieldKind.TEXT, "the session that it belongs to"),
        Field("session_duration", FieldKind.NUMBER, "how long the session has lasted, seconds"),
    ),
)
TRANSACTION: Final = EventType(
    "transaction",
    (
        Field("amount", FieldKind.DECIMAL, "in units of the currency; negative for a refund", required=True),
        Field("transaction_id", FieldKind.TEXT, "the producer's own name for it"),
        Field("user_id", FieldKind.TEXT, "who paid"),
        Field("currency", FieldKind.TEXT, "ISO 4217 code"),
    ),
)
METRIC: Final = EventType(
    "metric",
    (
        Field("value", FieldKind.NUMBER, "in the metric's own unit", required=True),
        Field("metric_name", FieldKind.TEXT, "what was measured"),
        Field("unit", FieldKind.TEXT, "the unit of the value"),
    ),
)
SYSTEM_EVENT: Final = EventType(
    "system_event",
    (
        Field("severity", FieldKind.TEXT, "how serious it is"),
        Field("component", FieldKind.TEXT, "where it happened"),
        Field("message", FieldKind.TEXT, "what happened"),
    ),
)

EVENT_TYPES: Final = {declared.name: declared for declared in (USER_ACTION, TRANSACTION, METRIC, SYSTEM_EVENT)}
"""Every type, by its name."""
