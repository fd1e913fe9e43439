"""baler_wire: batches of which a part is refused."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING, Any

import pytest
from baler_wire.batches import OPERATIONS, answered, places, without

if TYPE_CHECKING:
    from collections.abc import Callable

RECORDS = {"StreamName": "s", "Records": [{"Data": str(number)} for number in range(4)]}
MESSAGES = {"QueueUrl": "u", "Entries": [{"Id": str(number), "MessageBody": "m"} for number in range(3)]}
KEYS = {"RequestItems": {"a": {"Keys": [1, 2, 3], "ConsistentRead": True}, "b": {"Keys": [4]}}}
WRITES = {"RequestItems": {"a": [1, 2], "b": [3]}}
STATEMENTS = {"Statements": [{"Statement": f"INSERT {number}"} for number in range(3)]}
REQUESTS: dict[str, dict[str, Any]] = {
    "PutRecords": RECORDS,
    "SendMessageBatch": MESSAGES,
    "DeleteMessageBatch": MESSAGES,
    "ChangeMessageVisibilityBatch": MESSAGES,
    "BatchExecuteStatement": STATEMENTS,
    "BatchGetItem": KEYS,
    "BatchWriteItem": WRITES,
}


def every_second() -> Callable[[], bool]:
    drawn = cycle([False, True])
    return lambda: next(drawn)


def test_every_operation_is_tried_here() -> None:
    assert {*REQUESTS} == OPERATIONS


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_a_part_is_refused_and_never_none_or_all(operation: str) -> None:
    request = REQUESTS[operation]
    all_ = places(operation, request, lambda: True)
    assert places(operation, request, lambda: False) == all_[:1]
    assert without(operation, request, all_) != request
    assert len(places(operation, request, every_second())) < len(all_)


def test_a_batch_of_one_is_whole() -> None:
    assert places("PutRecords", {"Records": [{"Data": "0"}]}, lambda: True) == []


def test_a_record_of_a_stream_is_refused_at_its_place() -> None:
    refused = places("PutRecords", RECORDS, every_second())
    assert without("PutRecords", RECORDS, refused)["Records"] == [{"Data": "0"}, {"Data": "2"}]
    answer = answered("PutRecords", RECORDS, refused, {"Records": [{"ShardId": "0"}, {"ShardId": "2"}]})
    assert [record.get("ShardId") for record in answer["Records"]] == ["0", None, "2", None]
    assert answer["FailedRecordCount"] == 2
    assert answer["Records"][1]["ErrorCode"] == "ProvisionedThroughputExceededException"


def test_a_statement_is_throttled_at_its_place() -> None:
    refused = places("BatchExecuteStatement", STATEMENTS, every_second())
    assert without("BatchExecuteStatement", STATEMENTS, refused)["Statements"] == [
        {"Statement": "INSERT 0"},
        {"Statement": "INSERT 2"},
    ]
    answer = answered("BatchExecuteStatement", STATEMENTS, refused, {"Responses": [{}, {"TableName": "t"}]})
    assert [response.get("Error", {}).get("Code") for response in answer["Responses"]] == [
        None,
        "ThrottlingError",
        None,
    ]


def test_a_message_is_refused_by_its_id() -> None:
    refused = places("SendMessageBatch", MESSAGES, every_second())
    assert [entry["Id"] for entry in without("SendMessageBatch", MESSAGES, refused)["Entries"]] == ["0", "2"]
    answer = answered("SendMessageBatch", MESSAGES, refused, {"Successful": [{"Id": "0"}], "Failed": [{"Id": "2"}]})
    assert [failed["Id"] for failed in answer["Failed"]] == ["2", "1"]
    assert answer["Successful"] == [{"Id": "0"}]


def test_keys_that_are_left_come_with_what_is_read_of_them() -> None:
    refused = places("BatchGetItem", KEYS, every_second())
    assert without("BatchGetItem", KEYS, refused)["RequestItems"] == {"a": {"Keys": [1, 3], "ConsistentRead": True}}
    answer = answered("BatchGetItem", KEYS, refused, {"Responses": {}, "UnprocessedKeys": {"a": {"Keys": [3]}}})
    assert answer["UnprocessedKeys"] == {"a": {"Keys": [3, 2], "ConsistentRead": True}, "b": {"Keys": [4]}}


def test_writes_that_are_left_come_by_table() -> None:
    refused = places("BatchWriteItem", WRITES, lambda: True)
    assert without("BatchWriteItem", WRITES, refused)["RequestItems"] == {"b": [3]}
    assert answered("BatchWriteItem", WRITES, refused, {})["UnprocessedItems"] == {"a": [1, 2]}
