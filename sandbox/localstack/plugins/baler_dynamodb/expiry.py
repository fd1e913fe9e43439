"""Items whose time is over: some are deleted at once, the others stay, as long as anybody looks.

DynamoDB "automatically deletes expired items within a few days of their expiration time", reads return them until then,
the attribute is a number of seconds since the epoch, and what is five years past is left alone:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
Nobody watches a sandbox for days, so an item meets one end or the other, by its name. moto deletes none.
"""

from __future__ import annotations

import threading
import time
import zlib
from typing import TYPE_CHECKING, Any

from baler_wire.current import in_force
from localstack.runtime import hooks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from moto.dynamodb.models.table import Table

_PAUSE_SECONDS = 1.0
_LEFT_ALONE_SECONDS = 5 * 365 * 86_400
_EVERYTHING = 2**32


@hooks.on_infra_start()
def delete_expired_items() -> None:
    """Begin to look for them; without a profile that says so, none is deleted."""
    threading.Thread(target=_keep_deleting, daemon=True, name="baler-expiry").start()


def _keep_deleting() -> None:
    from moto.dynamodb.models import dynamodb_backends  # noqa: PLC0415 - when the service may be loaded

    pause = threading.Event()
    while not pause.wait(_PAUSE_SECONDS):
        wire = in_force()
        if not wire.profile.items.expire:
            continue
        for account in list(dynamodb_backends.values()):
            for backend in list(account.values()):
                for table in list(backend.tables.values()):
                    for _ in range(delete_expired(table, time.time(), wire.profile.items.expire)):
                        wire.counts.fault("dynamodb", "item-expired")


def delete_expired(table: Table, now: float, share: float) -> int:
    """Delete what is over of a table.

    Args:
        table: moto's.
        now: seconds since the epoch.
        share: of the items that meet that end, 0 to 1.

    Returns:
        How many were deleted.
    """
    from baler_dynamodb.one_step import ONE_STEP  # noqa: PLC0415 - beside moto

    attribute = table.ttl.get("AttributeName")
    if not attribute or table.ttl["TimeToLiveStatus"] != "ENABLED":
        return 0
    with ONE_STEP:
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
