"""Records and counters as items of DynamoDB: which attribute says what.

    records   id | source captured_at changed_at generation fingerprint raw_s3_key seen other_seen processed_at
                 document expires_at | fields
    counters  pk "<source>", sk "day#<day>#<shard>" or "total#<shard>" | n changes expires_at

`captured_at` is the time of the first event that showed the record. `changed_at` and `generation` say which raw object
was the first to show what the record holds now, `seen` and `raw_s3_key` which one was the last. `other_seen` is that of
the last one that showed anything else, "" where there is none. `seen` and `other_seen` are "<time>#<generation>", of 20
digits, so that they sort as orders do. A record without `document` has it in its raw object alone.
`expires_at` is there where records have a retention (see baler/lake/retention.py), in seconds since the epoch; a total
has none.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from baler.lake.counters import CounterItem, parse_counter
from baler.lake.order import Order, read_time, written_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from baler.lake.counters import Counted

ID: Final = "id"
"""Partition key of a record."""
SEEN: Final = "seen"
OTHER_SEEN: Final = "other_seen"
SOURCE: Final = "source"
CAPTURED_AT: Final = "captured_at"
CHANGED_AT: Final = "changed_at"
GENERATION: Final = "generation"
FINGERPRINT: Final = "fingerprint"
RAW_S3_KEY: Final = "raw_s3_key"
PROCESSED_AT: Final = "processed_at"
DOCUMENT: Final = "document"
COUNTER: Final = "pk"
"""Partition key of a counter's item: the source."""
COUNTER_ITEM: Final = "sk"
"""Sort key of a counter's item."""
COUNT: Final = "n"
CHANGES: Final = "changes"
EXPIRES_AT: Final = "expires_at"
"""Of records and of counters of days, whose time to live it is."""

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


def other_seen_text(order: Order | None) -> str:
    """Return an order as the attribute `other_seen` has it."""
    return "" if order is None else seen_text(order)


def other_seen_order(text: str) -> Order | None:
    """Return the order that an attribute `other_seen` says.

    Raises:
        ValueError: it says something else.
    """
    return seen_order(text) if text else None


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


def counter_key(counted: Counted, shard: int) -> Item:
    """Return the key of a counter's item."""
    return {COUNTER: {"S": counted.source}, COUNTER_ITEM: {"S": counted.sort_key(shard)}}


def counter_of(item: Mapping[str, Any]) -> CounterItem:
    """Read a counter's item.

    Raises:
        ValueError, KeyError: it is none.
    """
    counted, shard = parse_counter(item[COUNTER]["S"], item[COUNTER_ITEM]["S"])
    return CounterItem(
        counted, shard, n=int(item[COUNT]["N"]), changes=int(item[CHANGES]["N"]), expires=EXPIRES_AT in item
    )


def expiry(expires_at: int | None) -> Item:
    """Return the attribute that says when an item is over; nothing where it never is."""
    return {} if expires_at is None else {EXPIRES_AT: {"N": str(expires_at)}}


def is_over(item: Mapping[str, Any], now: float) -> bool:
    """Say whether an item is over, though it is still there; `now` in seconds since the epoch."""
    return EXPIRES_AT in item and int(item[EXPIRES_AT]["N"]) <= now
