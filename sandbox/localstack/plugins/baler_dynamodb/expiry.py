"""Items whose time is over: some are deleted at once, the others stay, as long as anybody looks.

DynamoDB "automatically deletes expired items within a few days of their expiration time", reads return them until then,
the attribute is a number of seconds since the epoch, and what is five years past is left alone:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
Nobody watches a sandbox for days, so an item meets one end or the other, by its name. moto deletes none.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from moto.dynamodb.models.table import Table

_LEFT_ALONE_SECONDS = 5 * 365 * 86_400
_EVERYTHING = 2**32


def delete_expired(table: Table, now: float, share: float) -> int:
    """Delete what is over of a table; nobody else may use it meanwhile.

    Args:
        table: moto's.
        now: seconds since the epoch.
        share: of the items that meet that end, 0 to 1.

    Returns:
        How many were deleted.
    """
    attribute = table.ttl.get("AttributeName")
    if not attribute or table.ttl["TimeToLiveStatus"] != "ENABLED":
        return 0
    over = [item for item in _items(table) if _is_over(item.attrs.get(attribute), now) and _is_drawn(item, share)]
    for item in over:
        table.delete_item(item.hash_key, item.range_key)
    return len(over)


def _items(table: Table) -> Iterator[Any]:
    for held in table.items.values():
        yield from held.values() if table.range_key_attr is not None else (held,)


def _is_over(value: Any, now: float) -> bool:
    return value is not None and value.type == "N" and now - _LEFT_ALONE_SECONDS < float(value.value) < now


def _is_drawn(item: Any, share: float) -> bool:
    name = f"{item.hash_key.value} {item.range_key.value if item.range_key is not None else ''}"
    return zlib.crc32(name.encode()) < share * _EVERYTHING
