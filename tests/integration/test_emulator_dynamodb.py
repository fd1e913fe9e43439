"""DynamoDB in LocalStack refuses what AWS refuses: sandbox/localstack/plugins/baler_dynamodb."""

from __future__ import annotations

import http.client
import json
from secrets import token_hex
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from sandbox.engine.endpoint import Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.localstack.server import LocalStack

INDEX = "SourceIndex"


@pytest.fixture(scope="module")
def aws(localstack: LocalStack) -> Endpoint:
    return Endpoint(localstack.endpoint, "eu-west-2")


@pytest.fixture
def table(aws: Endpoint) -> Iterator[str]:
    name = f"records-{token_hex(4)}"
    aws.dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "source", "AttributeType": "S"},
            {"AttributeName": "captured_at", "AttributeType": "S"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": INDEX,
                "KeySchema": [
                    {"AttributeName": "source", "KeyType": "HASH"},
                    {"AttributeName": "captured_at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    yield name
    aws.dynamodb.delete_table(TableName=name)


@pytest.fixture
def fault(aws: Endpoint, table: str) -> Iterator[Callable[..., int]]:
    """Let transactions on the table fail; returns how many are still to."""

    def ask(method: str, document: dict[str, Any] | None = None) -> int:
        connection = http.client.HTTPConnection(urlsplit(aws.url).netloc, timeout=300)
        try:
            connection.request(method, "/_baler/dynamodb/faults", json.dumps(document) if document else None)
            response = connection.getresponse()
            content = json.load(response)
        finally:
            connection.close()
        if response.status != http.HTTPStatus.OK:
            raise ValueError(content["message"])
        return content["transactions"]

    def fail(**document: Any) -> int:
        return ask("POST", {"table": table, **document}) if document else ask("GET")

    yield fail
    ask("DELETE")


def item(number: int, **attributes: Any) -> dict[str, Any]:
    at = {"source": {"S": "posts"}, "captured_at": {"S": f"2026-11-{1 + number // 4:02d}T00:00:00Z"}}
    return {"id": {"S": f"posts-{number:03d}"}, **at, **attributes}


def put(table: str, content: dict[str, Any]) -> Any:
    return {"Put": {"TableName": table, "Item": content}}


def nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {"S": "x"}
    for level in range(levels):
        value = {"M": {"a": value}} if level % 2 else {"L": [value]}
    return value


def refused(call: Callable[..., Any], **arguments: Any) -> str:
    """Make a call that must be refused as invalid; return AWS's sentence."""
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    response: Any = raised.value.response
    assert response["Error"]["Code"] == "ValidationException", response
    return response["Error"]["Message"]


def cancelled(aws: Endpoint, *actions: Any) -> list[str]:
    """Commit a transaction that must be cancelled; return the codes of its reasons."""
    with pytest.raises(aws.dynamodb.exceptions.TransactionCanceledException) as raised:
        aws.dynamodb.transact_write_items(TransactItems=actions)
    response: Any = raised.value.response
    return [reason["Code"] for reason in response["CancellationReasons"]]


def ids(aws: Endpoint, table: str) -> set[str]:
    found = aws.dynamodb.get_paginator("scan").paginate(TableName=table)
    return {each["id"].get("S", "") for page in found for each in page["Items"]}


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"n": {"N": "1" * 39}}, "38 significant digits"),
        ({"n": {"L": [{"N": "1e126"}]}}, "Number overflow"),
        ({"n": {"NS": ["1e-131"]}}, "Number underflow"),
        ({"n": {"N": "one"}}, "cannot be converted to a numeric value"),
        ({"document": nested(32)}, "Nesting Levels have exceeded"),
        ({"document": {"S": "x" * 400 * 1024}}, "Item size has exceeded"),
        ({"id": {"S": ""}}, "cannot contain an empty string"),
        ({"id": {"N": "1"}}, "Type mismatch for key id"),
        ({"source": {"S": ""}}, f"IndexName: {INDEX}, IndexKey: source"),
        ({"captured_at": {"N": "1"}}, "Type mismatch for Index Key captured_at"),
        ({"captured_at": {"NULL": True}}, "Type mismatch for Index Key captured_at"),
        ({"id": {"S": "x" * 2049}}, "Size of hashkey"),
    ],
)
def test_an_item_that_aws_refuses_is_refused_however_it_is_written(
    aws: Endpoint, table: str, attributes: dict[str, Any], words: str
) -> None:
    bad = item(0, **attributes)

    assert words in refused(aws.dynamodb.put_item, TableName=table, Item=bad)
    assert words in refused(aws.dynamodb.batch_write_item, RequestItems={table: [{"PutRequest": {"Item": bad}}]})
    with pytest.raises(ClientError) as raised:
        aws.dynamodb.transact_write_items(TransactItems=[put(table, item(1)), put(table, bad)])
    assert words in json.dumps(raised.value.response)
    assert not ids(aws, table)


def test_what_is_at_the_limits_is_taken(aws: Endpoint, table: str) -> None:
    edge = item(0, n={"N": "9" * 38}, large={"N": "9" * 38 + "E+88"}, document=nested(31))

    aws.dynamodb.put_item(TableName=table, Item=edge)

    found = aws.dynamodb.get_item(TableName=table, Key={"id": edge["id"]}).get("Item", {})
    assert found["document"] == nested(31)


def test_in_a_transaction_what_depends_on_the_table_cancels_with_its_place(aws: Endpoint, table: str) -> None:
    mistyped = item(1, captured_at={"N": "1"})

    assert cancelled(aws, put(table, item(0)), put(table, mistyped)) == ["None", "ValidationError"]
    assert not ids(aws, table)


def test_in_a_transaction_what_is_wrong_by_itself_refuses_the_request(aws: Endpoint, table: str) -> None:
    deep = item(1, document=nested(32))

    words = refused(aws.dynamodb.transact_write_items, TransactItems=[put(table, item(0)), put(table, deep)])

    assert "Nesting Levels have exceeded" in words


def test_a_transaction_has_at_most_a_hundred_items_four_megabytes_and_each_item_once(aws: Endpoint, table: str) -> None:
    transact = aws.dynamodb.transact_write_items
    large = {"document": {"S": "x" * 390 * 1024}}

    assert refused(transact, TransactItems=[put(table, item(n)) for n in range(101)])
    assert refused(transact, TransactItems=[put(table, item(n, **large)) for n in range(11)])
    assert "multiple operations on one item" in refused(transact, TransactItems=[put(table, item(0))] * 2)
    assert not ids(aws, table)
    transact(TransactItems=[put(table, item(n)) for n in range(100)])
    transact(TransactItems=[put(table, item(n, **large)) for n in range(10)])
    assert len(ids(aws, table)) == 100


def test_a_transaction_is_done_once_by_its_token(aws: Endpoint, table: str) -> None:
    transact = aws.dynamodb.transact_write_items
    add: Any = {
        "Update": {
            "TableName": table,
            "Key": {"id": {"S": "counter"}},
            "UpdateExpression": "ADD n :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
    }
    token = token_hex(8)

    for _ in range(3):
        transact(TransactItems=[add], ClientRequestToken=token)

    found = aws.dynamodb.get_item(TableName=table, Key={"id": {"S": "counter"}}).get("Item", {})
    assert found["n"] == {"N": "1"}
    with pytest.raises(aws.dynamodb.exceptions.IdempotentParameterMismatchException):
        transact(TransactItems=[add, put(table, item(0))], ClientRequestToken=token)


def test_a_cancelled_transaction_does_not_use_up_its_token(aws: Endpoint, table: str) -> None:
    aws.dynamodb.put_item(TableName=table, Item=item(0))
    new: Any = {**put(table, item(0))["Put"], "ConditionExpression": "attribute_not_exists(id)"}
    token = token_hex(8)
    with pytest.raises(aws.dynamodb.exceptions.TransactionCanceledException):
        aws.dynamodb.transact_write_items(TransactItems=[{"Put": new}], ClientRequestToken=token)
    aws.dynamodb.delete_item(TableName=table, Key={"id": item(0)["id"]})

    aws.dynamodb.transact_write_items(TransactItems=[{"Put": new}], ClientRequestToken=token)

    assert ids(aws, table) == {"posts-000"}


@pytest.mark.parametrize("reason", ["TransactionConflict", "ThrottlingError", "ValidationError"])
def test_transactions_are_cancelled_on_request(
    aws: Endpoint, table: str, fault: Callable[..., int], reason: str
) -> None:
    assert fault(transactions=2, reasons=["None", reason]) == 2

    for _ in range(2):
        assert cancelled(aws, *(put(table, item(n)) for n in range(3))) == ["None", reason, "None"]
    assert not ids(aws, table)
    aws.dynamodb.transact_write_items(TransactItems=[put(table, item(0))])
    assert (fault(), ids(aws, table)) == (0, {"posts-000"})


def test_other_tables_transactions_are_left_alone(aws: Endpoint, table: str, fault: Callable[..., int]) -> None:
    fault(transactions=1, reasons=["TransactionConflict"], table="another")

    aws.dynamodb.transact_write_items(TransactItems=[put(table, item(0))])

    assert fault() == 1


def test_a_failure_that_is_none_is_refused(fault: Callable[..., int]) -> None:
    for wrong in (
        {"transactions": 1},
        {"transactions": 0, "reasons": ["ThrottlingError"]},
        {"transactions": 1, "reasons": ["Mood"]},
    ):
        with pytest.raises(ValueError, match=r"not None|number|Mood"):
            fault(**wrong)


def pages(aws: Endpoint, table: str, **options: Any) -> list[list[dict[str, Any]]]:
    query: dict[str, Any] = {
        "TableName": table,
        "IndexName": INDEX,
        "KeyConditionExpression": "#s = :s",
        "ExpressionAttributeNames": {"#s": "source"},
        "ScanIndexForward": False,
        **options,
        "ExpressionAttributeValues": {":s": {"S": "posts"}, **options.get("ExpressionAttributeValues", {})},
    }
    found = [aws.dynamodb.query(**query)]
    while last := found[-1].get("LastEvaluatedKey"):
        found.append(aws.dynamodb.query(**query, ExclusiveStartKey=last))
    return [answer["Items"] for answer in found]


def test_an_index_of_keys_is_paged_with_ties_and_conditions(aws: Endpoint, table: str) -> None:
    for number in range(12):
        aws.dynamodb.put_item(TableName=table, Item=item(number, document={"S": "{}"}))
    two: Any = {":a": {"S": "2026-11-02"}, ":b": {"S": "2026-11-03T00:00:00Z"}}

    everything = pages(aws, table, Limit=5)
    between = pages(
        aws, table, KeyConditionExpression="#s = :s AND captured_at BETWEEN :a AND :b", ExpressionAttributeValues=two
    )
    begins: Any = {
        "KeyConditionExpression": "#s = :s AND begins_with(captured_at, :a)",
        "ExpressionAttributeValues": {":a": {"S": "2026-11-02"}},
    }

    assert [len(page) for page in everything] == [5, 5, 2]
    assert sorted(found["id"]["S"] for page in everything for found in page) == [f"posts-{n:03d}" for n in range(12)]
    assert set(everything[0][0]) == {"id", "source", "captured_at"}
    assert len(between[0]) == 8
    assert len(pages(aws, table, **begins)[0]) == 4


def test_a_start_key_that_is_not_of_the_query_is_refused(aws: Endpoint, table: str) -> None:
    key = item(0)
    foreign = {**key, "source": {"S": "users"}}
    for start, words in (
        (foreign, "outside query boundaries"),
        ({"id": key["id"]}, "starting key is invalid"),
        ({**key, "more": {"S": "x"}}, "starting key is invalid"),
        ({**key, "captured_at": {"N": "1"}}, "does not match the schema"),
    ):
        assert words in refused(
            aws.dynamodb.query,
            TableName=table,
            IndexName=INDEX,
            KeyConditionExpression="#s = :s",
            ExpressionAttributeNames={"#s": "source"},
            ExpressionAttributeValues={":s": {"S": "posts"}},
            ExclusiveStartKey=start,
        )
    assert "range key predicate" in refused(
        aws.dynamodb.query,
        TableName=table,
        IndexName=INDEX,
        KeyConditionExpression="#s = :s AND captured_at > :a",
        ExpressionAttributeNames={"#s": "source"},
        ExpressionAttributeValues={":s": {"S": "posts"}, ":a": {"S": "2027"}},
        ExclusiveStartKey=key,
    )


def test_a_batch_of_reads_has_a_hundred_keys_each_once(aws: Endpoint, table: str) -> None:
    batch = aws.dynamodb.batch_get_item
    keys = [{"id": item(n)["id"]} for n in range(101)]

    assert refused(batch, RequestItems={table: {"Keys": keys}})
    assert "duplicates" in refused(batch, RequestItems={table: {"Keys": [keys[0], keys[0]]}})
    assert "does not match the schema" in refused(batch, RequestItems={table: {"Keys": [{"id": {"N": "1"}}]}})


def test_a_batch_of_reads_beyond_sixteen_megabytes_names_what_it_left(aws: Endpoint, table: str) -> None:
    for number in range(45):
        aws.dynamodb.put_item(TableName=table, Item=item(number, document={"S": "x" * 390_000}))
    wanted: Any = {"Keys": [{"id": item(n)["id"]} for n in range(45)], "ProjectionExpression": "id, document"}

    answer = aws.dynamodb.batch_get_item(RequestItems={table: wanted})

    left: Any = answer["UnprocessedKeys"][table]
    assert len(answer["Responses"][table]) + len(left["Keys"]) == 45
    assert left["Keys"]
    assert left["ProjectionExpression"] == "id, document"


def test_a_page_of_a_query_is_at_most_a_megabyte(aws: Endpoint, table: str) -> None:
    for number in range(3):
        aws.dynamodb.put_item(TableName=table, Item=item(number, document={"S": "x" * 390_000}))

    answer = aws.dynamodb.scan(TableName=table)

    assert (answer["Count"], "LastEvaluatedKey" in answer) == (2, True)


def test_an_update_may_not_give_an_index_a_value_of_another_type(aws: Endpoint, table: str) -> None:
    aws.dynamodb.put_item(TableName=table, Item=item(0))
    update: dict[str, Any] = {
        "TableName": table,
        "Key": {"id": item(0)["id"]},
        "UpdateExpression": "SET #c = :c REMOVE document",
        "ExpressionAttributeNames": {"#c": "captured_at"},
        "ExpressionAttributeValues": {":c": {"N": "1"}},
    }

    assert "Type mismatch for Index Key captured_at" in refused(aws.dynamodb.update_item, **update)
    assert cancelled(aws, {"Update": update}) == ["ValidationError"]
