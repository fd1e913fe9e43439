"""The stand-in for DynamoDB speaks its protocol, and refuses what it does not know.

What it answers to the claim table's requests is held, beside LocalStack's, by tests/integration/test_claim_requests.py.
"""

from __future__ import annotations

import json
import socket
import zlib
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from harness.claim_requests import NOW, claim, conditional_put, insert

from baler.aws.http.dynamodb import HttpDynamoDb
from baler.files.aws.claim_table import DynamoClaimTable
from baler.files.claims.model import Claim
from benchmarks.floor.dynamodb.conditions import holds
from benchmarks.floor.dynamodb.operations import Tables
from benchmarks.floor.dynamodb.refusals import InvalidError, RefusedError
from benchmarks.floor.dynamodb.server import answer
from benchmarks.floor.dynamodb.statements import inserted_item
from benchmarks.floor.signed_requests import signed_call
from sandbox.engine.endpoint import ROOT

if TYPE_CHECKING:
    from benchmarks.stage import Stage

REGION = "eu-west-2"
TABLE: dict[str, Any] = {
    "TableName": "claims",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


@pytest.fixture
def tables() -> Tables:
    made = Tables()
    made.answer("DynamoDB_20120810.CreateTable", TABLE)
    return made


def split(request: bytes) -> tuple[bytes, bytes]:
    head, _, body = request.partition(b"\r\n\r\n")
    return head, body


def asked(tables: Tables, operation: str, arguments: Any) -> tuple[str, dict[str, str], Any]:
    """Return status, headers and document of the answer."""
    request = signed_call("http://127.0.0.1:1", REGION, operation, json.dumps(arguments).encode())
    return read(answer(tables, *split(request)))


def read(answered: bytes) -> tuple[str, dict[str, str], Any]:
    head, body = split(answered)
    status, *lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    assert headers["content-length"] == str(len(body))
    assert headers["x-amz-crc32"] == str(zlib.crc32(body))
    assert headers["content-type"] == "application/x-amz-json-1.0"
    assert headers["x-amzn-requestid"]
    return status, headers, json.loads(body)


def test_an_answer_and_a_refusal_carry_their_checksum(tables: Tables) -> None:
    put = conditional_put("claims", claim("a"))

    assert asked(tables, "PutItem", put)[::2] == ("HTTP/1.1 200 OK", {})
    status, _, document = asked(tables, "PutItem", put)

    assert status == "HTTP/1.1 400 Bad Request"
    assert document == {
        "__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
        "message": "The conditional request failed",
        "Item": claim("a"),
    }


@pytest.mark.parametrize(
    ("operation", "arguments", "type_"),
    [
        ("Scan", {"TableName": "claims"}, "UnknownOperationException"),
        ("", {}, "UnknownOperationException"),
        ("PutItem", [], "SerializationException"),
        ("PutItem", {"TableName": "claims"}, "SerializationException"),
        ("PutItem", {"TableName": "claims", "Item": claim("a"), "ReturnValues": "ALL_OLD"}, "ValidationException"),
        ("GetItem", {"TableName": "claims", "Key": {"id": {"S": "a"}}}, "ValidationException"),
        ("BatchExecuteStatement", {"Statements": []}, "ValidationException"),
    ],
)
def test_what_it_does_not_know_is_refused(tables: Tables, operation: str, arguments: Any, type_: str) -> None:
    status, _, document = asked(tables, operation, arguments)

    assert status == "HTTP/1.1 400 Bad Request"
    assert document["__type"].rpartition("#")[2] == type_


def test_a_body_that_is_no_document_and_a_request_that_nobody_signed_are_refused(tables: Tables) -> None:
    head, _ = split(signed_call("http://127.0.0.1:1", REGION, "GetItem", b"{}"))

    assert read(answer(tables, head, b"{"))[2]["__type"].endswith("#SerializationException")
    unsigned = b"POST / HTTP/1.1\r\nX-Amz-Target: DynamoDB_20120810.GetItem"
    assert read(answer(tables, unsigned, b"{}"))[2]["__type"].endswith("#MissingAuthenticationTokenException")


def test_a_statement_that_is_not_carried_out_hinders_no_other(tables: Tables) -> None:
    select = {"Statement": 'SELECT * FROM "claims"'}
    keyless = insert("claims", {"bundle_id": {"S": "b"}})
    statements = [select, insert("nowhere", claim("a")), keyless, insert("claims", claim("a"))]

    status, _, document = asked(tables, "BatchExecuteStatement", {"Statements": statements})

    assert status == "HTTP/1.1 200 OK"
    codes = [told.get("Error", {}).get("Code") for told in document["Responses"]]
    assert codes == ["ValidationError", "ResourceNotFound", "ValidationError", None]


def test_an_insert_takes_each_parameter_at_its_place() -> None:
    assert inserted_item(insert("claims", claim("a"))) == ("claims", claim("a"))
    with pytest.raises(InvalidError, match="parameters"):
        inserted_item({**insert("claims", claim("a")), "Parameters": [{"S": "a"}]})


def test_a_condition_compares_numbers_as_numbers_and_nothing_that_is_missing() -> None:
    values: Any = {":n": {"N": "10"}, ":s": {"S": "10"}}

    assert holds("a < :n", {"a": {"N": "9"}}, values)
    assert holds("a = :n", {"a": {"N": "10.0"}}, values)
    assert not holds("a < :n OR a = :n OR a IN (:n, :s)", {}, values)
    assert not holds("a < :n", {"a": {"S": "0"}}, values)
    assert holds("a IN (:n, :s)", {"a": {"S": "10"}}, values)


@pytest.mark.parametrize("expression", ["size(a) > :n", "a = :n AND a < :n", "a < :missing", ""])
def test_a_condition_that_is_not_known_is_refused(expression: str) -> None:
    with pytest.raises(RefusedError, match="Invalid ConditionExpression"):
        holds(expression, {"a": {"N": "1"}}, {":n": {"N": "1"}})


def test_requests_come_in_any_pieces_and_before_the_last_answer(floor: Stage) -> None:
    url = floor.endpoints.dynamodb
    with floor.claim_table() as table:
        puts = [
            signed_call(url, REGION, "PutItem", json.dumps({"TableName": table, "Item": claim(key)}).encode())
            for key in "abc"
        ]
        sent = b"".join(puts)
        parts = urlsplit(url)
        with socket.create_connection((parts.hostname or "", parts.port or 0), 30) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for place in range(0, len(sent), 99):
                client.sendall(sent[place : place + 99])
            received = b""
            while received.count(b"\r\n\r\n{}") < len(puts):
                more = client.recv(65536)
                assert more, received
                received += more

        found = [floor.dynamodb.get_item(TableName=table, Key={"pk": {"S": key}}).get("Item") for key in "abc"]
    assert found == [claim(key) for key in "abc"]


def test_the_claim_table_works_with_it(floor: Stage) -> None:
    first = Claim("identity", "bundle-1", NOW + 1.5, NOW + 60)
    second = Claim("identity", "bundle-2", NOW + 9.5, NOW + 60)
    client = HttpDynamoDb(floor.dynamodb, lambda: _FROZEN)
    with floor.claim_table() as name:
        table = DynamoClaimTable(client, name)

        assert table.claim(first, NOW) is None
        assert table.claim(second, NOW) == first
        assert table.take_over(second, first)
        assert table.read_claim(first) == second
        table.give_back(second)
        assert table.read_claim(first) == second.given_back()
    client.close()


class _Frozen:
    access_key = ROOT.access_key_id
    secret_key = ROOT.secret_access_key
    token = None


_FROZEN: Any = _Frozen()
