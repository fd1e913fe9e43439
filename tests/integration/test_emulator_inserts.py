"""INSERTs in LocalStack's DynamoDB: each is done once, also where many ask at once, or is throttled by itself."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from sandbox.engine.endpoint import Endpoint
from sandbox.localstack.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.localstack.server import LocalStack

ASKERS = 16
KEYS = 25


@pytest.fixture(scope="module")
def aws(localstack: LocalStack) -> Endpoint:
    return Endpoint(localstack.endpoint, "eu-west-2")


@pytest.fixture
def table(aws: Endpoint) -> Iterator[str]:
    name = f"inserts-{token_hex(4)}"
    aws.dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    yield name
    aws.dynamodb.delete_table(TableName=name)


@pytest.fixture
def wire(localstack: LocalStack) -> Iterator[Wire]:
    wire = Wire(localstack.endpoint)
    yield wire
    wire.clear()


def insert(aws: Endpoint, table: str, owner: str, keys: int = KEYS) -> list[Any]:
    statements: Any = [
        {
            "Statement": f"INSERT INTO \"{table}\" VALUE {{'pk': ?, 'owner': ?}}",
            "Parameters": [{"S": str(key)}, {"S": owner}],
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        for key in range(keys)
    ]
    return list(aws.dynamodb.batch_execute_statement(Statements=statements)["Responses"])


def test_of_many_who_insert_an_item_one_does_and_the_others_see_whose_it_is(aws: Endpoint, table: str) -> None:
    owners = [str(number) for number in range(ASKERS)]
    with ThreadPoolExecutor(ASKERS) as pool:
        answers = list(pool.map(partial(insert, aws, table), owners))
    for key in range(KEYS):
        errors = [answer[key].get("Error") for answer in answers]
        whose = {owner for owner, error in zip(owners, errors, strict=True) if error is None}
        refusals = [error for error in errors if error is not None]
        assert len(whose) == 1
        assert Counter(error["Code"] for error in refusals) == {"DuplicateItem": ASKERS - 1}
        assert {error["Item"]["owner"]["S"] for error in refusals} == whose


def test_a_batch_has_25_statements_at_the_most(aws: Endpoint, table: str) -> None:
    with pytest.raises(ClientError, match="less than or equal to 25"):
        insert(aws, table, "a", KEYS + 1)


def test_an_insert_of_an_item_that_aws_refuses_is_refused(aws: Endpoint, table: str) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        aws.dynamodb.batch_execute_statement(
            Statements=[{"Statement": f"INSERT INTO \"{table}\" VALUE {{'pk': ?}}", "Parameters": [{"N": "1"}]}]
        )


def test_some_statements_of_a_batch_are_throttled_and_had_no_effect(aws: Endpoint, table: str, wire: Wire) -> None:
    wire.put({"faults": [{"kind": "partial", "operation": "BatchExecuteStatement", "about": table, "count": 1}]})
    first = insert(aws, table, "first")
    second = insert(aws, table, "second")
    throttled = [key for key, answer in enumerate(first) if answer.get("Error", {}).get("Code") == "ThrottlingError"]
    assert 0 < len(throttled) < KEYS
    assert [key for key, answer in enumerate(second) if "Error" not in answer] == throttled
