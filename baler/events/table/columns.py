"""The columns of the table, which follow from the declared types.

A new type, or a new field of one, is a new column; nothing else has to be done. Columns are told apart by their names,
so a field that two types share is one column, and must be of one kind in both.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from baler.events.enriched_fields import ENRICHED_FIELDS
from baler.events.event_types import EVENT_TYPES, FieldKind

if TYPE_CHECKING:
    from collections.abc import Iterable


class ColumnType(StrEnum):
    """What a column holds."""

    TEXT = "text"
    NUMBER = "number"
    """A double."""
    DECIMAL = "decimal"
    """Exact, 29 digits before the point and 9 after it."""
    INTEGER = "integer"
    """64 bits."""
    FLAG = "flag"
    """True or false."""
    DATE = "date"
    TIME = "time"
    """A moment in UTC, by the microsecond."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: as queries have it.
        type: what it holds.
        meaning: one line.
        required: whether each row has a value.
    """

    name: str
    type: ColumnType
    meaning: str
    required: bool = False


SOURCE: Final = Column("source", ColumnType.TEXT, "key of the processed object that the row comes from", required=True)
EVENT_TYPE: Final = Column("event_type", ColumnType.TEXT, "the declared type", required=True)
EVENT_TIME: Final = Column("event_time", ColumnType.TIME, "when it happened, by its own timestamp", required=True)
ARRIVED_AT: Final = Column("arrived_at", ColumnType.TIME, "when the stream took it", required=True)

_OF_EVERY_EVENT: Final = (
    EVENT_TYPE,
    EVENT_TIME,
    Column("record_id", ColumnType.TEXT, "SHA-256 of its place in the stream and its bytes: one a row", required=True),
    SOURCE,
    Column("shard_id", ColumnType.TEXT, "the shard that it was read from", required=True),
    Column("sequence_number", ColumnType.TEXT, "its record's place in the shard", required=True),
    Column("sub_sequence", ColumnType.INTEGER, "its place among the events that one record held", required=True),
    ARRIVED_AT,
    Column("processed_timestamp", ColumnType.TIME, "when the transformer processed it", required=True),
)
_ORIGINAL_DATA: Final = Column(
    "original_data", ColumnType.TEXT, "the event as JSON, with fields that are not declared", required=True
)
_TYPES: Final = {
    FieldKind.TEXT: ColumnType.TEXT,
    FieldKind.NUMBER: ColumnType.NUMBER,
    FieldKind.DECIMAL: ColumnType.DECIMAL,
}


class AmbiguousColumnError(ValueError):
    """One name is declared for two kinds of values."""


def merged(columns: Iterable[Column]) -> tuple[Column, ...]:
    """Return the columns without repetitions, in the order of their first appearance.

    Raises:
        AmbiguousColumnError: two of one name hold different things, so that no column can hold both.
    """
    found: dict[str, Column] = {}
    for column in columns:
        if found.setdefault(column.name, column).type is not column.type:
            raise AmbiguousColumnError(f"{column.name} is declared as {found[column.name].type} and as {column.type}")
    return tuple(found.values())


DECLARED: Final = {
    declared.name: tuple(Column(field.name, _TYPES[field.kind], field.meaning) for field in declared.fields)
    for declared in EVENT_TYPES.values()
}
"""What producers send, by type."""

ENRICHED: Final = {
    name: tuple(Column(field.name, ColumnType(field.kind), field.meaning) for field in fields)
    for name, fields in ENRICHED_FIELDS.items()
}
"""What the transformer adds, by type."""

COLUMNS: Final = merged(
    (
        *_OF_EVERY_EVENT,
        *(column for columns in (*DECLARED.values(), *ENRICHED.values()) for column in columns),
        _ORIGINAL_DATA,
    )
)
"""All columns of the table, in its order."""
