"""Makes rows of a processed object."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_DOWN, Context, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from baler.events.event_time import event_time
from baler.events.event_types import EVENT_TYPE, KINESIS, TIMESTAMP
from baler.events.partition import Partition
from baler.events.processed_object import PROCESSED_PREFIX, raw_key_of
from baler.events.raw_object import ForeignObjectError, raw_object_name
from baler.events.table.columns import DECLARED, ENRICHED, ColumnType
from baler.events.table.source_rows import Row, SourceRows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_HEAD: Final = '{"original_data":'
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_STEP: Final = Decimal(1).scaleb(-9)
_LIMIT: Final = Decimal(10) ** 29
_DIGITS: Final = Context(prec=400, rounding=ROUND_DOWN)


def partition_of(key: str) -> Partition:
    """Return the hour and the type that the key of a processed object names.

    Raises:
        ForeignObjectError: the transformer makes no such key.
    """
    if not key.startswith(PROCESSED_PREFIX):
        raise ForeignObjectError("the key is none that the transformer makes")
    return raw_object_name(raw_key_of(key)).partition


def source_rows(key: str, body: bytes) -> SourceRows:
    """Return the rows of a processed object.

    Args:
        key: of the object.
        body: JSON lines, as the transformer writes them.

    Raises:
        ForeignObjectError: no transformer wrote it, or an event lies in another hour or type than the key says.
    """
    partition = partition_of(key)
    try:
        rows = [_row(key, line) for line in body.decode().split("\n")[:-1]]
    except (ValueError, KeyError, TypeError, ArithmeticError, AttributeError, RecursionError) as error:
        raise ForeignObjectError("a line of the object is none that the transformer writes") from error
    if not rows or not body.endswith(b"\n"):
        raise ForeignObjectError("the object has no lines, or half of one")
    if any(_partition(row) != partition for row in rows):
        raise ForeignObjectError("an event lies in another partition than the key says")
    arrivals = [_moment(row["arrived_at"]) for row in rows]
    return SourceRows(key, partition, tuple(rows), min(arrivals), max(arrivals))


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
        # By its type: another type may have a field of the same name that is not declared, and of any shape.
        **_values(_DECLARED[original[EVENT_TYPE]], original),
        **_values(_ENRICHED[original[EVENT_TYPE]], rest["enriched_data"]),
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
    held = Decimal(value).quantize(_STEP, context=_DIGITS)
    if abs(held) >= _LIMIT:
        # One that no column holds would fail the commit of all objects beside it.
        raise ValueError("the decimal is too large")
    return held


def _exact(text: str) -> Decimal:
    """Return a number with the producer's digits; a float would have lost the cents of large ones."""
    try:
        return Decimal(text)
    except InvalidOperation:
        # An exponent beyond all measure. The processor took it, so it is a finite double: it can only be zero.
        return Decimal()


_DECODER: Final = json.JSONDecoder(parse_float=_exact)


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
_DECLARED: Final = {name: {column.name: _READ[column.type] for column in columns} for name, columns in DECLARED.items()}
_ENRICHED: Final = {name: {column.name: _READ[column.type] for column in columns} for name, columns in ENRICHED.items()}
