"""What DynamoDB's requests need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from baler_dynamodb.inserts import insert_of

from baler_iam.access import Access, UnknownActionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from baler_iam.access import Call, Resources

    # An action, the table that it is on, and the items, by their keys at least.
    _Access = tuple[str, str, list[Mapping[str, Any]]]

_IN_TRANSACTION = {
    "ConditionCheck": "ConditionCheckItem",
    "Delete": "DeleteItem",
    "Get": "GetItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
}
_LEADING_KEYS = "dynamodb:LeadingKeys"
_WITHOUT_TABLE = ("ListTables", "DescribeLimits", "DescribeEndpoints")


def dynamodb_accesses(call: Call, resources: Resources) -> Iterator[Access]:
    """Yield what a request to DynamoDB needs: a batch or transaction needs something of each table."""
    operation, parameters = call.operation, call.parameters
    table = _Tables(call, resources)
    if batch := _BATCHES.get(operation):
        for action, name, items in batch(parameters):
            yield table.access(action, name, items)
    elif operation in _WITHOUT_TABLE:
        yield Access(f"dynamodb:{operation}", "*", call.account)
    else:
        name = parameters.get("TableName") or parameters.get("ResourceArn") or "*"
        items = [_item(parameters)] if "Key" in parameters or "Item" in parameters else []
        yield table.access(operation, name, items, index=parameters.get("IndexName"))


def _reads(parameters: Mapping[str, Any]) -> Iterator[_Access]:
    for name, request in parameters["RequestItems"].items():
        yield "BatchGetItem", name, request["Keys"]


def _writes(parameters: Mapping[str, Any]) -> Iterator[_Access]:
    for name, requests in parameters["RequestItems"].items():
        yield "BatchWriteItem", name, [_written(request) for request in requests]


def _transaction(parameters: Mapping[str, Any]) -> Iterator[_Access]:
    for item in parameters["TransactItems"]:
        for verb, inner in item.items():
            if inner is not None:
                yield _IN_TRANSACTION[verb], inner["TableName"], [_item(inner)]


def _statements(parameters: Mapping[str, Any]) -> Iterator[_Access]:
    """Yield what INSERTs need: the developer guide, "IAM security policies with PartiQL for DynamoDB"."""
    inserted: dict[str, list[Mapping[str, Any]]] = {}
    for statement in parameters["Statements"]:
        insert = insert_of(statement)
        if insert is None:
            raise UnknownActionError("of PartiQL only INSERT with parameters is known (actions/dynamodb.py)")
        inserted.setdefault(insert[0], []).append(insert[1])
    for name, items in inserted.items():
        yield "PartiQLInsert", name, items


_BATCHES: dict[str, Callable[[Mapping[str, Any]], Iterator[_Access]]] = {
    "BatchExecuteStatement": _statements,
    "BatchGetItem": _reads,
    "BatchWriteItem": _writes,
    "TransactGetItems": _transaction,
    "TransactWriteItems": _transaction,
}


def _written(request: Mapping[str, Any]) -> Mapping[str, Any]:
    put = request.get("PutRequest")
    return put["Item"] if put else request["DeleteRequest"]["Key"]


def _item(request: Mapping[str, Any]) -> Mapping[str, Any]:
    return request.get("Item") or request["Key"]


class _Tables:
    def __init__(self, call: Call, resources: Resources) -> None:
        self._call = call
        self._resources = resources

    def access(self, action: str, table: str, items: list[Mapping[str, Any]], *, index: str | None = None) -> Access:
        """Return what an action on items, which are named at least by their keys, needs."""
        arn = table if table.startswith("arn:") or table == "*" else self._call.arn(f"table/{table}")
        keys: dict[str, tuple[str, ...]] = {}
        name = self._resources.partition_key(arn) if items else None
        if name:
            # A value is {"S": "..."}: one type, one value.
            leading = {str(value) for item in items if name in item for value in item[name].values()}
            keys = {_LEADING_KEYS: tuple(sorted(leading))}
        resource = f"{arn}/index/{index}" if index else arn
        account = arn.split(":")[4] if arn != "*" else self._call.account
        return Access(f"dynamodb:{action}", resource, account, None, keys)
