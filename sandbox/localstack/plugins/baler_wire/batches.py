"""Batches of which a part is refused: HTTP 200 says nothing, and whoever does not look at the answer loses entries.

DynamoDB's UnprocessedItems, UnprocessedKeys and errors of statements, SQS's Failed, Kinesis's FailedRecordCount, by the
API references of the operations: what is refused has had no effect. An entry is taken out of the request before the
service sees it, and put into the answer. One at least is left in, since no batch is empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    Choose = Callable[[], bool]
    Document = dict[str, Any]
    Place = tuple[str, int]

_SQS: Final = ("SendMessageBatch", "DeleteMessageBatch", "ChangeMessageVisibilityBatch")
_THROTTLED: Final = {
    "ErrorCode": "ProvisionedThroughputExceededException",
    "ErrorMessage": "Rate exceeded for shard in stream.",
}
# Of a table that is paid by the request (API reference, "BatchStatementError").
_STATEMENT_THROTTLED: Final = {
    "Code": "ThrottlingError",
    "Message": "Throughput exceeds the current capacity of your table or index.",
}
# The one list of these, in the request.
_LISTED: Final = {"BatchExecuteStatement": "Statements", "PutRecords": "Records", **dict.fromkeys(_SQS, "Entries")}
OPERATIONS: Final = frozenset({"BatchExecuteStatement", "BatchGetItem", "BatchWriteItem", "PutRecords", *_SQS})
"""Those that answer entry by entry."""


def places(operation: str, request: Document, choose: Choose) -> list[Place]:
    """Return the entries that are refused: the list that each is in, and its place there.

    Args:
        operation: one of `OPERATIONS`.
        request: its parameters.
        choose: called for each entry, tells whether it is refused.
    """
    entries = [(name, place) for name, list_ in _lists(operation, request).items() for place in range(len(list_))]
    chosen = [entry for entry in entries if choose()]
    # A fault that refuses nothing is none, and one that refuses all is no part.
    return (chosen or entries[:1])[: len(entries) - 1]


def without(operation: str, request: Document, refused: list[Place]) -> Document:
    """Return a request without some entries; a table that is left with none goes too."""
    kept = {
        name: [entry for place, entry in enumerate(list_) if (name, place) not in refused]
        for name, list_ in _lists(operation, request).items()
    }
    if operation in _LISTED:
        return {**request, **kept}
    return {
        **request,
        "RequestItems": {name: _table(operation, request, name, kept[name]) for name in kept if kept[name]},
    }


def answered(operation: str, request: Document, refused: list[Place], answer: Document) -> Document:
    """Return the answer to a request of which some entries never reached the service.

    Args:
        operation: as above.
        request: as its client sent it.
        refused: what `places` chose.
        answer: to what was left of it.
    """
    if operation == "BatchExecuteStatement":
        return {**answer, "Responses": _with(answer["Responses"], refused, {"Error": _STATEMENT_THROTTLED})}
    if operation == "PutRecords":
        records = _with(answer["Records"], refused, _THROTTLED)
        return {**answer, "Records": records, "FailedRecordCount": answer.get("FailedRecordCount", 0) + len(refused)}
    if operation in _SQS:
        failed = [
            {"Id": request["Entries"][place]["Id"], "SenderFault": False, "Code": "InternalError"}
            for _, place in refused
        ]
        return {**answer, "Failed": [*answer.get("Failed", []), *failed]}
    name = "UnprocessedKeys" if operation == "BatchGetItem" else "UnprocessedItems"
    left = dict(answer.get(name) or {})
    for table in {table for table, _ in refused}:
        entries = [_lists(operation, request)[table][place] for named, place in refused if named == table]
        left[table] = _table(operation, request, table, [*_entries(operation, left.get(table)), *entries])
    return {**answer, name: left}


def _with(answers: list[Document], refused: list[Place], refusal: Document) -> list[Document]:
    """Return the answers to the entries of a list with a refusal at the places of those that are refused."""
    all_of_them = list(answers)
    for _, place in sorted(refused):
        all_of_them.insert(place, dict(refusal))
    return all_of_them


def _lists(operation: str, request: Document) -> dict[str, list[Any]]:
    """Return the lists of entries by name: of tables, or of the one parameter that has them."""
    if listed := _LISTED.get(operation):
        return {listed: request[listed]}
    return {table: _entries(operation, asked) for table, asked in request["RequestItems"].items()}


def _entries(operation: str, asked: Any) -> list[Any]:
    if operation == "BatchGetItem":
        return asked["Keys"] if asked else []
    return asked or []


def _table(operation: str, request: Document, table: str, entries: list[Any]) -> Any:
    """Return what is asked of a table: keys come with what is to be read of them."""
    return {**request["RequestItems"][table], "Keys": entries} if operation == "BatchGetItem" else entries
