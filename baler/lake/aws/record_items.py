"""Records and counters as items of DynamoDB: which attribute says what.

    records   id | source captured_at generation fingerprint raw_s3_key first_date seen processed_at document | fields
    counters  pk "<source>#<day>", sk "<shard>" | n changes

`seen` is "<captured_at>#<generation>", of 20 digits, so that it sorts as orders do. A record without `document` has it
in its raw object alone.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from baler.lake.counters import CounterItem, Day, shard_key
from baler.lake.order import Order, read_time, written_time

if TYPE_CHECKING:
    from collections.abc import Mapping

ID: Final = "id"
"""Partition key of a record."""
SEEN: Final = "seen"
FIRST_DATE: Final = "first_date"
FINGERPRINT: Final = "fingerprint"
COUNTER: Final = "pk"
"""Partition key of a counter's item."""
SHARD: Final = "sk"
"""Sort key of a counter's item."""
COUNT: Final = "n"
CHANGES: Final = "changes"

Item = dict[str, Any]
"""Attributes as DynamoDB's API has them: {"name": {"S": "text"}}."""

_GENERATION_DIGITS: Final = 20


def seen_text(order: Order) -> str:
    """Return an order as the attribute `seen` has it.

    >>> from datetime import datetime, UTC
    >>> seen_text(Order(datetime(2026, 3, 8, 10, tzinfo=UTC), 1001))
    '2026-03-08T10:00:00Z#00000000000000001001'
    """
    return f"{written_time(order.captured_at)}#{order.generation:0{_GENERATION_DIGITS}}"


def seen_order(text: str) -> Order:
    """Return the order that an attribute `seen` says.

    Raises:
        ValueError: it says none.
    """
    time, _, generation = text.partition("#")
    return Order(read_time(time), int(generation))


def attribute(value: object) -> dict[str, Any]:
    """Return a field's value as an attribute: exact numbers, texts and truth values.

    Raises:
        TypeError: it is of another kind.
    """
    match value:
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case Decimal() | int():
            return {"N": str(value)}
        case _:
            raise TypeError(f"no field is of the kind {type(value).__name__}")


def counter_key(day: Day, shard: int) -> Item:
    """Return the key of a counter's item."""
    return {COUNTER: {"S": day.partition_key}, SHARD: {"S": shard_key(shard)}}


def counter_of(item: Mapping[str, Any]) -> CounterItem:
    """Read a counter's item.

    Raises:
        ValueError, KeyError: it is none.
    """
    return CounterItem(
        of=Day.parse(item[COUNTER]["S"]),
        shard=int(item[SHARD]["S"]),
        n=int(item[COUNT]["N"]),
        changes=int(item[CHANGES]["N"]),
    )
