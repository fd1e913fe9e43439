"""INSERT in moto's PartiQL, by DynamoDB's developer guide ("PartiQL insert statements for DynamoDB").

moto fails where the item has parameters, and overwrites where there is an item with the same key; DynamoDB answers
DuplicateItem, with that item where ReturnValuesOnConditionCheckFailure asks for it (API reference,
"BatchStatementError"). Here an INSERT that is one is read, and moto looks for the key and puts.
"""

from __future__ import annotations

import re
from functools import wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from moto.dynamodb.models import DynamoDBBackend

    Batch = Callable[[DynamoDBBackend, list[dict[str, Any]]], list[dict[str, Any]]]

_INSERT = re.compile(r"\s*INSERT\s+INTO\s+\"([A-Za-z0-9_.-]+)\"\s+VALUE\s+\{([^{}]*)\}\s*", re.IGNORECASE)
_FIELD = re.compile(r"\s*'([^']+)'\s*:\s*\?\s*")


def insert_of(statement: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Return table and item of an INSERT whose values are all parameters; None of any other statement."""
    found = _INSERT.fullmatch(statement["Statement"])
    if found is None:
        return None
    fields = [_FIELD.fullmatch(field) for field in found[2].split(",")]
    values = statement.get("Parameters") or []
    if not all(fields) or len(fields) != len(values):
        return None
    return found[1], {field[1]: value for field, value in zip(fields, values, strict=True) if field}


def inserting(batch: Batch) -> Batch:
    """Return moto's batch of statements, with INSERT as DynamoDB has it."""

    @wraps(batch)
    def inserted(backend: DynamoDBBackend, statements: list[dict[str, Any]]) -> list[dict[str, Any]]:
        answers: list[dict[str, Any]] = []
        for statement in statements:
            insert = insert_of(statement)
            answers += batch(backend, [statement]) if insert is None else [_insert(backend, *insert, statement)]
        return answers

    return inserted


def _insert(
    backend: DynamoDBBackend, table_name: str, item: dict[str, Any], statement: Mapping[str, Any]
) -> dict[str, Any]:
    table = backend.tables.get(table_name)
    if table is None:
        return {"Error": {"Code": "ResourceNotFound", "Message": "Requested resource not found"}}
    answer: dict[str, Any] = {"TableName": table_name}
    standing = backend.get_item(table_name, {name: item[name] for name in table.table_key_attrs if name in item})
    if standing is None:
        backend.put_item(table_name, item)
        return answer
    error: dict[str, Any] = {"Code": "DuplicateItem", "Message": "Duplicate primary key exists in table"}
    if statement.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD":
        error["Item"] = standing.to_json()["Attributes"]
    return {**answer, "Error": error}
