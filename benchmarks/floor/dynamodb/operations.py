"""The five calls, by DynamoDB's API reference."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from benchmarks.floor.dynamodb.conditions import holds
from benchmarks.floor.dynamodb.refusals import (
    ConditionFailedError,
    InvalidError,
    MalformedError,
    NoTableError,
    RefusedError,
    TableInUseError,
    UnknownOperationError,
)
from benchmarks.floor.dynamodb.statements import inserted_item

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Request = Mapping[str, Any]

PREFIX: Final = "DynamoDB_20120810."

_MOST_STATEMENTS: Final = 25
_ALL_OLD: Final = "ALL_OLD"
# What is not among them would change what a call does, and is refused.
_PARAMETERS: Final[Mapping[str, frozenset[str]]] = {
    "CreateTable": frozenset({"TableName", "KeySchema", "AttributeDefinitions", "BillingMode"}),
    "DeleteTable": frozenset({"TableName"}),
    "PutItem": frozenset(
        {
            "TableName",
            "Item",
            "ConditionExpression",
            "ExpressionAttributeValues",
            "ReturnValuesOnConditionCheckFailure",
        }
    ),
    "GetItem": frozenset({"TableName", "Key", "ConsistentRead"}),
    "BatchExecuteStatement": frozenset({"Statements"}),
}


@dataclass(slots=True)
class Table:
    """Items by the text of their key.

    Attributes:
        key: the name of their one key attribute, a text.
    """

    key: str
    items: dict[str, dict[str, Any]] = field(default_factory=dict)

    def key_of(self, attributes: Request) -> str:
        """Return the key in an item.

        Raises:
            InvalidError: there is none, or it is no text, or an empty one.
        """
        value = attributes.get(self.key)
        if value is None:
            raise InvalidError(f"One or more parameter values were invalid: Missing the key {self.key} in the item")
        if not (text := value.get("S", "")):
            raise InvalidError(f"One or more parameter values were invalid: Type mismatch for key {self.key}")
        return text


class _Insert(NamedTuple):
    table: str
    key: str
    item: dict[str, Any]


class Tables:
    """All of them, by name."""

    def __init__(self) -> None:
        self._tables: dict[str, Table] = {}
        self._operations: dict[str, Callable[[Request], Request]] = {
            "CreateTable": self._create,
            "DeleteTable": self._delete,
            "PutItem": self._put,
            "GetItem": self._get,
            "BatchExecuteStatement": self._statements,
        }

    def answer(self, target: str, request: object) -> Request:
        """Carry out what a request's `x-amz-target` names.

        Raises:
            RefusedError: it is not carried out.
        """
        name = target.removeprefix(PREFIX)
        operation = self._operations.get(name) if target.startswith(PREFIX) else None
        if operation is None:
            raise UnknownOperationError
        if not isinstance(request, dict):
            raise MalformedError
        arguments = cast("dict[str, Any]", request)
        if unknown := arguments.keys() - _PARAMETERS[name]:
            raise InvalidError(f"not known here: {', '.join(sorted(unknown))}")
        try:
            return operation(arguments)
        except (KeyError, TypeError, AttributeError) as error:
            raise MalformedError from error  # an argument is missing, or not of its type

    def _table(self, name: str) -> Table:
        if (table := self._tables.get(name)) is None:
            raise NoTableError
        return table

    def _create(self, request: Request) -> Request:
        name = request["TableName"]
        if name in self._tables:
            raise TableInUseError(name)
        keys = [key["AttributeName"] for key in request["KeySchema"]]
        if [{"AttributeName": key, "AttributeType": "S"} for key in keys] != request["AttributeDefinitions"][:1]:
            raise InvalidError("not known here: a key that is not one text")
        self._tables[name] = Table(keys[0])
        return {"TableDescription": {**request, "TableStatus": "ACTIVE"}}

    def _delete(self, request: Request) -> Request:
        name = request["TableName"]
        if self._tables.pop(name, None) is None:
            raise NoTableError(f"Requested resource not found: Table: {name} not found")
        return {"TableDescription": {"TableName": name, "TableStatus": "DELETING"}}

    def _put(self, request: Request) -> Request:
        table = self._table(request["TableName"])
        item = request["Item"]
        key = table.key_of(item)
        if condition := request.get("ConditionExpression"):
            standing = table.items.get(key, {})
            if not holds(condition, standing, request.get("ExpressionAttributeValues") or {}):
                wanted = request.get("ReturnValuesOnConditionCheckFailure") == _ALL_OLD
                raise ConditionFailedError(standing if wanted else None)
        table.items[key] = item
        return {}

    def _get(self, request: Request) -> Request:
        table = self._table(request["TableName"])
        item = table.items.get(table.key_of(request["Key"]))
        return {} if item is None else {"Item": item}

    def _statements(self, request: Request) -> Request:
        statements = request["Statements"]
        if not 1 <= len(statements) <= _MOST_STATEMENTS:
            raise InvalidError(
                "1 validation error detected: Value at 'statements' failed to satisfy constraint: Member must have "
                f"length less than or equal to {_MOST_STATEMENTS}"
            )
        inserts = [self._insert_of(statement) for statement in statements]
        named = [(insert.table, insert.key) for insert in inserts if isinstance(insert, _Insert)]
        if len(set(named)) < len(named):
            raise InvalidError("Provided list of item keys contains duplicates")
        return {"Responses": list(map(self._inserted, inserts, statements))}

    def _insert_of(self, statement: Request) -> _Insert | RefusedError:
        try:
            name, item = inserted_item(statement)
            return _Insert(name, self._table(name).key_of(item), item)
        except RefusedError as error:
            return error

    def _inserted(self, insert: _Insert | RefusedError, statement: Request) -> Request:
        """Insert one item. What becomes of it is told in its own answer (API reference, "BatchStatementError")."""
        if isinstance(insert, RefusedError):
            code = "ResourceNotFound" if isinstance(insert, NoTableError) else "ValidationError"
            return {"Error": {"Code": code, "Message": str(insert)}}
        name, key, item = insert
        standing = self._tables[name].items.setdefault(key, item)
        if standing is item:
            return {"TableName": name}
        told = {"Item": standing} if statement.get("ReturnValuesOnConditionCheckFailure") == _ALL_OLD else {}
        duplicate = {"Code": "DuplicateItem", "Message": "Duplicate primary key exists in table", **told}
        return {"TableName": name, "Error": duplicate}
