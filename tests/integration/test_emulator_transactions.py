"""A transaction of DynamoDB is one step to everyone else, as on AWS: the protocol of events rests on it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.engine.endpoint import Endpoint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.localstack.server import LocalStack

WRITERS = 8
ROUNDS = 15


@pytest.fixture
def aws(localstack: LocalStack) -> Endpoint:
    return Endpoint(localstack.endpoint, "eu-west-2")


@pytest.fixture
def table(aws: Endpoint) -> Iterator[str]:
    name = f"transactions-{token_hex(4)}"
    aws.dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    yield name
    aws.dynamodb.delete_table(TableName=name)


def commit(aws: Endpoint, table: str, expected: int, batch: str) -> bool:
    """Move the frontier by one if it is the expected one, and write a batch with it."""
    move: Any = {
        "Update": {
            "TableName": table,
            "Key": {"pk": {"S": "shard"}, "sk": {"S": "frontier"}},
            "UpdateExpression": "SET #last = :next",
            "ConditionExpression": "#last = :expected",
            "ExpressionAttributeNames": {"#last": "last"},
            "ExpressionAttributeValues": {":expected": {"N": str(expected)}, ":next": {"N": str(expected + 1)}},
        }
    }
    put: Any = {"Put": {"TableName": table, "Item": {"pk": {"S": "shard"}, "sk": {"S": f"batch#{batch}"}}}}
    try:
        aws.dynamodb.transact_write_items(TransactItems=[put, move])
    except aws.dynamodb.exceptions.TransactionCanceledException:
        return False
    return True


def items(aws: Endpoint, table: str) -> dict[str, dict[str, Any]]:
    pages = aws.dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return {item["sk"].get("S", ""): item for page in pages for item in page["Items"]}


def test_of_racing_transactions_one_commits_and_no_write_beside_them_is_lost(aws: Endpoint, table: str) -> None:
    aws.dynamodb.put_item(TableName=table, Item={"pk": {"S": "shard"}, "sk": {"S": "frontier"}, "last": {"N": "0"}})

    def race(writer: int) -> list[str]:
        won: list[str] = []
        for number in range(ROUNDS):
            # Beside the transactions of others, most of which are refused and put back.
            aws.dynamodb.put_item(TableName=table, Item={"pk": {"S": "run"}, "sk": {"S": f"note#{writer}#{number}"}})
            if commit(aws, table, number, f"{number}#{writer}"):
                won.append(f"batch#{number}#{writer}")
        return won

    with ThreadPoolExecutor(WRITERS) as pool:
        won = [batch for batches in pool.map(race, range(WRITERS)) for batch in batches]
        items(aws, table)
    found = items(aws, table)

    assert found.pop("frontier")["last"] == {"N": str(len(won))}
    assert len({batch.split("#")[1] for batch in won}) == len(won)
    notes = {f"note#{writer}#{number}" for writer in range(WRITERS) for number in range(ROUNDS)}
    assert found.keys() == notes | set(won)


def test_a_refused_transaction_leaves_every_item_as_it_was(aws: Endpoint, table: str) -> None:
    key: Any = {"pk": {"S": "shard"}, "sk": {"S": "batch#1"}}
    aws.dynamodb.put_item(TableName=table, Item={**key, "seen": {"SS": ["a"]}})
    add: Any = {
        "Update": {
            "TableName": table,
            "Key": key,
            "UpdateExpression": "ADD seen :more",
            "ExpressionAttributeValues": {":more": {"SS": ["b"]}},
        }
    }
    check: Any = {
        "ConditionCheck": {
            "TableName": table,
            "Key": {"pk": {"S": "shard"}, "sk": {"S": "frontier"}},
            "ConditionExpression": "attribute_exists(pk)",
        }
    }

    with pytest.raises(aws.dynamodb.exceptions.TransactionCanceledException):
        aws.dynamodb.transact_write_items(TransactItems=[add, check])

    assert items(aws, table) == {"batch#1": {**key, "seen": {"SS": ["a"]}}}
