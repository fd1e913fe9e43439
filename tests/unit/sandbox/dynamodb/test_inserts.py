"""baler_dynamodb: INSERT by parameters is DynamoDB's, over moto's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from baler_dynamodb.inserts import insert_of, inserting
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Insert = Callable[..., list[dict[str, Any]]]

CLIENT = boto3.Session("access", "secret", region_name="eu-west-2").client("dynamodb")
STATEMENT = "INSERT INTO \"claims\" VALUE {'pk': ?, 'n': ?}"


def insert_of_one(key: str, number: str, **more: Any) -> dict[str, Any]:
    return {"Statement": STATEMENT, "Parameters": [{"S": key}, {"N": number}], **more}


@pytest.fixture
def insert() -> Iterator[Insert]:
    with mock_aws():
        CLIENT.create_table(
            TableName="claims",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        backend = dynamodb_backends[DEFAULT_ACCOUNT_ID]["eu-west-2"]
        batch = inserting(DynamoDBBackend.batch_execute_statement)
        yield lambda *statements: batch(backend, list(statements))


def held(key: str) -> Any:
    return CLIENT.get_item(TableName="claims", Key={"pk": {"S": key}}).get("Item")


def test_an_item_of_parameters_is_written(insert: Insert) -> None:
    assert insert(insert_of_one("a", "1"), insert_of_one("b", "2")) == [{"TableName": "claims"}] * 2
    assert held("b") == {"pk": {"S": "b"}, "n": {"N": "2"}}


def test_an_item_that_is_there_stays_and_comes_with_the_refusal_to_who_asks(insert: Insert) -> None:
    insert(insert_of_one("a", "1"))
    silent, told, beside = insert(
        insert_of_one("a", "2"),
        insert_of_one("a", "2", ReturnValuesOnConditionCheckFailure="ALL_OLD"),
        insert_of_one("b", "2"),
    )
    assert (silent["Error"]["Code"], silent["Error"].get("Item")) == ("DuplicateItem", None)
    assert told["Error"]["Item"] == held("a") == {"pk": {"S": "a"}, "n": {"N": "1"}}
    assert "Error" not in beside


def test_a_table_that_is_not_there_is_an_answer_to_its_statement_alone(insert: Insert) -> None:
    elsewhere = {"Statement": STATEMENT.replace("claims", "none"), "Parameters": [{"S": "a"}, {"N": "1"}]}
    answers = insert(elsewhere, insert_of_one("a", "1"))
    assert [answer.get("Error", {}).get("Code") for answer in answers] == ["ResourceNotFound", None]


@pytest.mark.parametrize(
    "statement",
    [
        {"Statement": 'SELECT * FROM "claims"'},
        {"Statement": STATEMENT, "Parameters": [{"S": "a"}]},
        {"Statement": "INSERT INTO \"claims\" VALUE {'pk': 'a'}"},
    ],
)
def test_what_is_no_insert_of_parameters_is_left_to_moto(statement: dict[str, Any]) -> None:
    assert insert_of(statement) is None
