"""What AWS refuses of requests, before anything is done.

Messages are AWS's as the projects that compare emulators with it captured them. Messages for limits that its
documentation gives without one are our own.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from baler_dynamodb.inserts import insert_of
from baler_dynamodb.keys import check_index_keys, check_item, check_key, check_start_key
from baler_dynamodb.updates import assigned
from baler_dynamodb.values import MOST_ITEM_BYTES, RefusedError, check_depth, check_values, item_bytes, value_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from baler_dynamodb.keys import Schema

    Request = Mapping[str, Any]
    Schemas = Callable[[str], Schema | None]

MOST_TRANSACTION_ACTIONS = 100
MOST_STATEMENTS = 25
MOST_TRANSACTION_BYTES = 4 * 1024 * 1024

_TOO_LARGE = "Item size has exceeded the maximum allowed size"


def check_request(operation: str, request: Request, schemas: Schemas) -> None:
    """Return if AWS would take a request to be carried out.

    Args:
        operation: of DynamoDB's API; one that is not about items passes.
        request: its parameters.
        schemas: returns a table's schema by its name or ARN, None where there is no such table.

    Raises:
        RefusedError: it would not.
    """
    if check := _CHECKS.get(operation):
        check(request, schemas)


def refusals_in_transaction(request: Request, schemas: Schemas) -> list[str | None]:
    """Return for each action of a transaction the message with which it cancels all; None for one that does not.

    What depends on the table cancels; what is wrong by itself has been refused by `check_request`
    (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html, "ValidationError").
    """
    return [_refusal(*next(iter(_actions(item))), schemas) for item in request["TransactItems"]]


def _refusal(verb: str, action: Request, schemas: Schemas) -> str | None:
    schema = schemas(action["TableName"])
    if schema is None:
        return None
    try:
        if verb == "Put":
            check_item(schema, action["Item"])
            _check_size(action["Item"])
        else:
            check_key(schema, action["Key"])
        if verb == "Update":
            for value in _expression_values(action):
                check_depth(value)
            _check_assigned(action, schema)
    except RefusedError as error:
        return str(error)
    return None


def _check_put(request: Request, schemas: Schemas) -> None:
    check_values([*request["Item"].values(), *_expression_values(request)])
    _check_size(request["Item"])
    if schema := schemas(request["TableName"]):
        check_item(schema, request["Item"])


def _check_update(request: Request, schemas: Schemas) -> None:
    check_values(_expression_values(request))
    if schema := schemas(request["TableName"]):
        check_key(schema, request["Key"])
        _check_assigned(request, schema)


def _check_keyed(request: Request, schemas: Schemas) -> None:
    check_values([*request["Key"].values(), *_expression_values(request)])
    if schema := schemas(request["TableName"]):
        check_key(schema, request["Key"])


def _check_batch(request: Request, schemas: Schemas) -> None:
    for table, writes in request["RequestItems"].items():
        for write in writes:
            if put := write.get("PutRequest"):
                _check_put({"TableName": table, "Item": put["Item"]}, schemas)
            else:
                _check_keyed({"TableName": table, "Key": write["DeleteRequest"]["Key"]}, schemas)


def _check_keys(request: Request, schemas: Schemas) -> None:
    for table, wanted in request["RequestItems"].items():
        for key in wanted["Keys"]:
            _check_keyed({"TableName": table, "Key": key}, schemas)


def _check_statements(request: Request, schemas: Schemas) -> None:
    statements = request["Statements"]
    if len(statements) > MOST_STATEMENTS:
        raise RefusedError(
            "1 validation error detected: Value at 'statements' failed to satisfy constraint: Member must have "
            f"length less than or equal to {MOST_STATEMENTS}"
        )
    inserts = [insert for statement in statements if (insert := insert_of(statement))]
    for table, item in inserts:
        _check_put({"TableName": table, "Item": item}, schemas)
    _check_distinct(inserts, schemas, "Provided list of item keys contains duplicates")


def _check_read(request: Request, schemas: Schemas) -> None:
    check_values(_expression_values(request))
    schema = schemas(request["TableName"])
    if schema and request.get("ExclusiveStartKey"):
        check_start_key(schema, request.get("IndexName"), request["ExclusiveStartKey"])


def _check_transaction(request: Request, _schemas: Schemas) -> None:
    items = request["TransactItems"]
    if len(items) > MOST_TRANSACTION_ACTIONS:
        raise RefusedError(
            "1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have "
            f"length less than or equal to {MOST_TRANSACTION_ACTIONS}"
        )
    size = 0
    for item in items:
        for verb, action in _actions(item):
            values = _expression_values(action)
            if verb == "Put":
                check_values([*action["Item"].values(), *values])
                size += item_bytes(action["Item"])
            else:
                # Too deep a value of an update cancels, and one of a condition is not looked at.
                check_values(action["Key"].values())
                size += item_bytes(action["Key"]) + sum(map(value_bytes, values))
    if size > MOST_TRANSACTION_BYTES:
        raise RefusedError(f"The aggregate size of the items in the transaction exceeds {MOST_TRANSACTION_BYTES} bytes")


def check_distinct(request: Request, schemas: Schemas) -> None:
    """Return if each action of a transaction is about an item of its own.

    Raises:
        RefusedError: two are about one.
    """
    actions = (action for item in request["TransactItems"] for action in _actions(item))
    named = ((action["TableName"], action["Item" if verb == "Put" else "Key"]) for verb, action in actions)
    _check_distinct(named, schemas, "Transaction request cannot include multiple operations on one item")


def _check_distinct(named: Iterable[tuple[str, Request]], schemas: Schemas, refusal: str) -> None:
    seen: set[str] = set()
    for table, attributes in named:
        schema = schemas(table)
        if schema is None or not set(schema.keys.names) <= set(attributes):
            continue
        key = json.dumps([table, *(attributes[name] for name in schema.keys.names)], default=repr, sort_keys=True)
        if key in seen:
            raise RefusedError(refusal)
        seen.add(key)


def _actions(item: Request) -> Iterator[tuple[str, Request]]:
    yield from ((verb, action) for verb, action in item.items() if action is not None)


def _expression_values(request: Request) -> list[Any]:
    return list((request.get("ExpressionAttributeValues") or {}).values())


def _check_assigned(request: Request, schema: Schema) -> None:
    names = request.get("ExpressionAttributeNames") or {}
    values = request.get("ExpressionAttributeValues") or {}
    check_index_keys(schema, assigned(request.get("UpdateExpression") or "", names, values))


def _check_size(item: Mapping[str, Any]) -> None:
    if item_bytes(item) > MOST_ITEM_BYTES:
        raise RefusedError(_TOO_LARGE)


_CHECKS: dict[str, Callable[[Request, Schemas], None]] = {
    "BatchExecuteStatement": _check_statements,
    "BatchGetItem": _check_keys,
    "BatchWriteItem": _check_batch,
    "DeleteItem": _check_keyed,
    "GetItem": _check_keyed,
    "PutItem": _check_put,
    "Query": _check_read,
    "Scan": _check_read,
    "TransactWriteItems": _check_transaction,
    "UpdateItem": _check_update,
}
