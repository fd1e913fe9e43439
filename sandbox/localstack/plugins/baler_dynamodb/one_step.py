"""Transactions of moto's DynamoDB that are one step to everyone else, as AWS's are.

moto copies all items of a table before a transaction, without a lock, and puts the copy back where the transaction is
refused: what others wrote meanwhile is lost, and a copy that is made beside a write fails. Here one lock is held by
each operation on items, and what is put back are the items of the transaction.
"""

from __future__ import annotations

import copy
import threading
from functools import wraps
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from localstack.runtime import hooks

from baler_dynamodb.inserts import inserting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from moto.dynamodb.models.table import Table

ONE_STEP = threading.RLock()
"""Is held by each operation on items."""
_OPERATIONS = ("batch_execute_statement", "delete_item", "execute_statement", "get_item", "put_item", "query", "scan")
_touched: dict[str, list[dict[str, Any]]] = {}


@hooks.on_infra_start()
def commit_in_one_step() -> None:
    """Replace moto's operations on items by those that wait for each other."""
    from moto.dynamodb import models  # noqa: PLC0415 - when the service may be loaded

    backend = models.DynamoDBBackend
    backend.batch_execute_statement = inserting(backend.batch_execute_statement)
    for name in (*_OPERATIONS, "update_item", "execute_transaction"):
        if operation := getattr(backend, name, None):
            setattr(backend, name, _alone(operation))
    backend.transact_write_items = _transaction(backend.transact_write_items)
    models.copy = SimpleNamespace(copy=copy.copy, deepcopy=_copied)


def _alone(operation: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(operation)
    def alone(*args: Any, **kwargs: Any) -> Any:
        with ONE_STEP:
            return operation(*args, **kwargs)

    return alone


def _transaction(operation: Callable[..., None]) -> Callable[..., None]:
    @wraps(operation)
    def transaction(backend: Any, transact_items: Sequence[dict[str, Any]]) -> None:
        with ONE_STEP:
            _touched.clear()
            for table_name, item in _keyed(transact_items):
                _touched.setdefault(table_name, []).append(item)
            operation(backend, transact_items)

    return transaction


def _keyed(transact_items: Sequence[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the table of each item that a transaction is about, and attributes that hold its key."""
    for item in transact_items:
        for action in item.values():
            yield action.get("TableName", ""), action.get("Item") or action.get("Key") or {}


def _copied(thing: Any) -> Any:
    """Return a copy of a table that keeps the items of the transaction as they are, and of all else a deep copy."""
    from moto.dynamodb.models.table import Table  # noqa: PLC0415 - when the service may be loaded

    return _snapshot(thing) if isinstance(thing, Table) else copy.deepcopy(thing)


def _snapshot(table: Table) -> Table:
    from moto.dynamodb.models.dynamo_type import DynamoType  # noqa: PLC0415 - when the service may be loaded

    snapshot = copy.copy(table)
    ranged = table.range_key_attr is not None
    snapshot.items = copy.copy(table.items)
    for hash_key, held in table.items.items():
        snapshot.items[hash_key] = dict(held) if ranged else held
    for attributes in _touched.get(table.name, ()):
        if table.hash_key_attr not in attributes or (ranged and table.range_key_attr not in attributes):
            continue  # the transaction is refused for it
        hash_key = DynamoType(attributes[table.hash_key_attr])
        held = snapshot.items.get(hash_key)
        if held is None:
            continue
        if not ranged:
            snapshot.items[hash_key] = copy.deepcopy(held)
        elif (range_key := DynamoType(attributes[table.range_key_attr])) in held:
            held[range_key] = copy.deepcopy(held[range_key])
    return snapshot
