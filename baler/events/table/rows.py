"""Makes rows of a processed object."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_DOWN, Context, Decimal
from typing import TYPE_CHECKING, Any, Final

from baler.events.event_time import event_time
from baler.events.event_types import EVENT_TYPE, KINESIS, TIMESTAMP
from baler.events.partition import Partition
from baler.events.processed_object import processed_object_name
from baler.events.raw_object import ForeignObjectError
from baler.events.table.columns import DECLARED, ENRICHED, ColumnType
from baler.events.table.source_rows import Row, SourceRows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_HEAD: Final = '{"original_data":'
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_STEP: Final = Decimal(1).scaleb(-9)
_DIGITS: Final = Context(prec=400, rounding=ROUND_DOWN)
# An amount keeps the producer's digits; a float would have lost the cents of large ones.
_DECODER: Final = json.JSONDecoder(parse_float=Decimal)


def source_rows(key: str, body: bytes) -> SourceRows:
    """Return the rows of a processed object.

    Args:
        key: of the object.
        body: JSON lines, as the transformer writes them.

    Raises:
        ForeignObjectError: no transformer wrote it, or an event lies in another hour or type than the key says.
    """
    name = processed_object_name(key)
    try:
        rows = [_row(key, line) for line in body.decode().split("\n")[:-1]]
    except (ValueError, KeyError, TypeError, ArithmeticError, AttributeError, RecursionError) as error:
        raise ForeignObjectError("a line of the object is none that the transformer writes") from error
    if not rows or not body.endswith(b"\n"):
        raise ForeignObjectError("the object has no lines, or half of one")
    if any(_partition(row) != name.partition for row in rows):
        raise ForeignObjectError("an event lies in another partition than the key says")
    arrivals = [_moment(row["arrived_at"]) for row in rows]
    return SourceRows(key, name.partition, tuple(rows), min(arrivals), max(arrivals))


def _row(key: str, line: str) -> Row:
    if not line.startswith(_HEAD):
        raise ValueError("the line has another head")
    original, end = _DECODER.raw_decode(line, len(_HEAD))
    rest: dict[str, Any] = _DECODER.decode("{" + line[end + 1 :])
    kinesis = original[KINESIS]
    if kinesis["record_id"] != rest["record_id"]:
        raise ValueError("the line has two identities")
    return {
        "event_type": _text(original[EVENT_TYPE]),
        "event_time": event_time(original[TIMESTAMP]),
        "record_id": _text(rest["record_id"]),
        "source": key,
        "shard_id": _text(kinesis["shard_id"]),
        "sequence_number": _text(kinesis["sequence_number"]),
        "sub_sequence": int(kinesis["sub_sequence"]),
        "arrived_at": _EPOCH + timedelta(seconds=float(kinesis["arrived_at"])),
        "processed_timestamp": _moment(datetime.fromisoformat(rest["processed_timestamp"])),
        **_values(_DECLARED, original),
        **_values(_ENRICHED, rest["enriched_data"]),
        "original_data": line[len(_HEAD) : end],
    }


def _values(columns: Mapping[str, Callable[[Any], object]], document: Mapping[str, Any]) -> Row:
    return {name: columns[name](value) for name, value in document.items() if name in columns and value is not None}


def _partition(row: Row) -> Partition:
    at = _moment(row["event_time"])
    return Partition(str(row["event_type"]), at.year, at.month, at.day, at.hour)


def _moment(value: object) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError("it is no moment in UTC")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("it is no text")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("it is neither true nor false")
    return value


def _decimal(value: object) -> Decimal:
    """Return what the column holds: digits beyond the ninth are cut off, so that none is rounded up and out of it."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError("it is no number")
    return Decimal(value).quantize(_STEP, context=_DIGITS)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError("it is no number")
    return float(value)


_READ: Final[Mapping[ColumnType, Callable[[Any], object]]] = {
    ColumnType.TEXT: _text,
    ColumnType.NUMBER: _number,
    ColumnType.DECIMAL: _decimal,
    ColumnType.FLAG: _flag,
    ColumnType.DATE: date.fromisoformat,
}
_DECLARED: Final = {column.name: _READ[column.type] for column in DECLARED}
_ENRICHED: Final = {column.name: _READ[column.type] for column in ENRICHED}
