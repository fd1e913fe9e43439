"""LocalStack and the benchmarks' stand-in answer what the claim table asks alike: as DynamoDB does."""

from __future__ import annotations

import json
import zlib
from http.client import HTTPConnection
from secrets import token_hex
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials
from botocore.exceptions import ClientError
from harness.claim_requests import NOW, claim, conditional_put, insert

from benchmarks.floor.table_server import running_tables
from sandbox.engine.endpoint import ROOT, Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from sandbox.localstack.server import LocalStack

REGION = "eu-west-2"


@pytest.fixture(scope="module", params=["stand-in", "localstack"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "stand-in":
        with running_tables() as started:
            yield started
        return
    localstack: LocalStack = request.getfixturevalue("localstack")
    yield localstack.endpoint


@pytest.fixture(scope="module")
def dynamodb(url: str) -> DynamoDBClient:
    return Endpoint(url, REGION).dynamodb


@pytest.fixture
def table(dynamodb: DynamoDBClient) -> Iterator[str]:
    name = f"claims-{token_hex(4)}"
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    yield name
    dynamodb.delete_table(TableName=name)


def refusal(call: Callable[..., Any], **arguments: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    response: Any = raised.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return response


def item(dynamodb: DynamoDBClient, table: str, key: str) -> Any:
    return dynamodb.get_item(TableName=table, Key={"pk": {"S": key}}, ConsistentRead=True).get("Item")


def test_a_claim_that_is_absent_is_written_and_read(dynamodb: DynamoDBClient, table: str) -> None:
    assert item(dynamodb, table, "a") is None

    dynamodb.put_item(**conditional_put(table, claim("a")))

    assert item(dynamodb, table, "a") == claim("a")


def test_a_claim_that_stands_is_told_with_the_refusal(dynamodb: DynamoDBClient, table: str) -> None:
    dynamodb.put_item(**conditional_put(table, claim("a")))

    response = refusal(dynamodb.put_item, **conditional_put(table, claim("a", bundle="bundle-2")))

    assert response["Error"] == {
        "Code": "ConditionalCheckFailedException",
        "Message": "The conditional request failed",
    }
    assert response["Item"] == claim("a")
    assert item(dynamodb, table, "a") == claim("a")


def test_a_claim_that_expired_is_replaced_and_one_that_expires_now_is_not(dynamodb: DynamoDBClient, table: str) -> None:
    dynamodb.put_item(TableName=table, Item=claim("old", expires_at=NOW - 1))
    dynamodb.put_item(TableName=table, Item=claim("edge", expires_at=NOW))

    dynamodb.put_item(**conditional_put(table, claim("old", bundle="bundle-2")))
    refusal(dynamodb.put_item, **conditional_put(table, claim("edge", bundle="bundle-2")))

    assert item(dynamodb, table, "old")["bundle_id"] == {"S": "bundle-2"}
    assert item(dynamodb, table, "edge")["bundle_id"] == {"S": "bundle-1"}


def test_a_claim_is_taken_over_from_the_bundles_that_are_named(dynamodb: DynamoDBClient, table: str) -> None:
    dynamodb.put_item(TableName=table, Item=claim("a"))
    take_over: dict[str, Any] = {
        "TableName": table,
        "Item": claim("a", bundle="bundle-2"),
        "ConditionExpression": "bundle_id IN (:old, :new)",
    }

    def values(old: str) -> dict[str, Any]:
        return {":old": {"S": old}, ":new": {"S": "bundle-2"}}

    assert "Item" not in refusal(dynamodb.put_item, **take_over, ExpressionAttributeValues=values("another"))
    for _ in range(2):
        dynamodb.put_item(**take_over, ExpressionAttributeValues=values("bundle-1"))

    assert item(dynamodb, table, "a") == claim("a", bundle="bundle-2")


def test_a_claim_is_given_back_by_its_bundle_alone(dynamodb: DynamoDBClient, table: str) -> None:
    dynamodb.put_item(TableName=table, Item=claim("a"))
    back: dict[str, Any] = {
        "TableName": table,
        "Item": {**claim("a"), "lease_until": {"N": "0"}},
        "ConditionExpression": "bundle_id = :mine",
    }

    refusal(dynamodb.put_item, **back, ExpressionAttributeValues={":mine": {"S": "bundle-2"}})
    refusal(
        dynamodb.put_item, **{**back, "Item": claim("none")}, ExpressionAttributeValues={":mine": {"S": "bundle-1"}}
    )
    dynamodb.put_item(**back, ExpressionAttributeValues={":mine": {"S": "bundle-1"}})

    assert item(dynamodb, table, "a")["lease_until"] == {"N": "0"}


def test_a_record_is_written_only_where_none_is(dynamodb: DynamoDBClient, table: str) -> None:
    record: dict[str, Any] = {"pk": {"S": "bundle#1"}, "state": {"S": "ARCHIVED"}, "expires_at": {"N": "1"}}
    once: dict[str, Any] = {"TableName": table, "Item": record, "ConditionExpression": "attribute_not_exists(pk)"}

    dynamodb.put_item(**once)

    assert refusal(dynamodb.put_item, **once)["Error"]["Code"] == "ConditionalCheckFailedException"


def test_a_table_that_is_missing_is_told(dynamodb: DynamoDBClient) -> None:
    for call, arguments in (
        (dynamodb.put_item, {"Item": claim("a")}),
        (dynamodb.get_item, {"Key": {"pk": {"S": "a"}}}),
        (dynamodb.delete_table, {}),
    ):
        error = refusal(call, TableName="no-such-table", **arguments)["Error"]
        assert error["Code"] == "ResourceNotFoundException"
        assert error["Message"].startswith("Requested resource not found")


def test_a_table_is_made_once(dynamodb: DynamoDBClient, table: str) -> None:
    again: Any = {
        "TableName": table,
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }

    assert refusal(dynamodb.create_table, **again)["Error"]["Code"] == "ResourceInUseException"


@pytest.mark.parametrize("key", [None, {"S": ""}, {"N": "1"}])
def test_an_item_without_its_key_is_refused(dynamodb: DynamoDBClient, table: str, key: Any) -> None:
    wrong = {name: value for name, value in {**claim("a"), "pk": key}.items() if value}

    assert refusal(dynamodb.put_item, TableName=table, Item=wrong)["Error"]["Code"] == "ValidationException"


def test_inserts_are_answered_one_by_one_with_what_stands(dynamodb: DynamoDBClient, table: str) -> None:
    dynamodb.put_item(TableName=table, Item=claim("01", expires_at=NOW - 1))
    statements: Any = [insert(table, claim(f"{number:02d}", bundle="bundle-2")) for number in range(25)]
    quiet: Any = {name: statements[1][name] for name in ("Statement", "Parameters")}

    told = dynamodb.batch_execute_statement(Statements=statements)["Responses"]
    untold = dynamodb.batch_execute_statement(Statements=[quiet])["Responses"]

    assert [answer.get("Error", {}).get("Code") for answer in told] == [None, "DuplicateItem", *([None] * 23)]
    assert {answer.get("TableName") for answer in told} == {table}
    assert told[1].get("Error", {}).get("Item") == claim("01", expires_at=NOW - 1)
    assert untold[0].get("Error", {}).keys() == {"Code", "Message"}
    assert item(dynamodb, table, "01") == claim("01", expires_at=NOW - 1)
    assert item(dynamodb, table, "24") == claim("24", bundle="bundle-2")


def test_a_batch_has_at_most_25_statements(dynamodb: DynamoDBClient, table: str) -> None:
    statements: Any = [insert(table, claim(f"{number:02d}")) for number in range(26)]

    error = refusal(dynamodb.batch_execute_statement, Statements=statements)["Error"]

    assert error["Code"] == "ValidationException"
    assert item(dynamodb, table, "00") is None


def test_a_batch_that_names_an_item_twice_is_refused_as_a_whole(dynamodb: DynamoDBClient, table: str) -> None:
    statements: Any = [insert(table, claim(key)) for key in ("a", "b", "a")]

    error = refusal(dynamodb.batch_execute_statement, Statements=statements)["Error"]

    assert (error["Code"], error["Message"]) == (
        "ValidationException",
        "Provided list of item keys contains duplicates",
    )
    assert item(dynamodb, table, "b") is None


def test_answers_are_documents_of_the_protocol(table: str, url: str) -> None:
    put = conditional_put(table, claim("a"))
    connection = HTTPConnection(urlsplit(url).netloc, timeout=30)
    try:
        answers = [raw_call(connection, url, "PutItem", put) for _ in range(2)]
    finally:
        connection.close()

    assert [status for status, _, _ in answers] == [200, 400]
    for _, headers, body in answers:
        # LocalStack sends none; tests/unit/benchmarks/test_dynamodb_stand_in.py wants the other's.
        assert headers.get("x-amz-crc32", str(zlib.crc32(body))) == str(zlib.crc32(body))
        assert headers["x-amzn-requestid"]
    assert json.loads(answers[1][2])["__type"].rpartition("#")[2] == "ConditionalCheckFailedException"


def raw_call(
    connection: HTTPConnection, url: str, operation: str, arguments: dict[str, Any]
) -> tuple[int, dict[str, str], bytes]:
    """Make a signed call on a connection that stays open."""
    headers = {"x-amz-target": f"DynamoDB_20120810.{operation}", "content-type": "application/x-amz-json-1.0"}
    request = AWSRequest("POST", f"{url}/", headers, json.dumps(arguments).encode())
    SigV4Auth(BotoCredentials(ROOT.access_key_id, ROOT.secret_access_key), "dynamodb", REGION).add_auth(request)
    connection.request("POST", "/", request.body, dict(request.headers.items()))
    answer = connection.getresponse()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
