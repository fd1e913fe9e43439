"""Each kind of answer to a batch of inserts: what is known of a claim by it, and what it costs the claims beside it."""

from __future__ import annotations

import json
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.credentials import ReadOnlyCredentials
from harness.scripted_server import Says, answer, scripted_server

from baler.aws.http.dynamodb import HttpDynamoDb
from baler.files.aws.claim_table import DynamoClaimTable
from baler.files.claims.model import Claim, partition_key
from baler.files.claims.ports import INSERTS_AT_ONCE
from baler.store_errors import Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from harness.scripted_server import ScriptedServer

NOW = 1_795_165_262.0
MINE = [Claim(f"landing/{key}@v1", "20261120T090102000Z-3132333435363738", NOW + 50.5, int(NOW)) for key in "abc"]
OTHER = Claim("landing/b@v1", "20261120T090102000Z-3837363534333231", NOW + 20.25, int(NOW) + 5)
OTHER_ITEM = {
    "pk": {"S": partition_key(OTHER.identity)},
    "bundle_id": {"S": OTHER.bundle_id},
    "lease_until": {"N": "1795165282.25"},
    "expires_at": {"N": "1795165267"},
}
WRITTEN: dict[str, Any] = {"TableName": "claims"}
# The codes that the API reference lists for BatchStatementError, but for InternalServerError.
REFUSALS = [
    "AccessDenied",
    "ConditionalCheckFailed",
    "DuplicateItem",
    "ItemCollectionSizeLimitExceeded",
    "ProvisionedThroughputExceeded",
    "RequestLimitExceeded",
    "ResourceNotFound",
    "ThrottlingError",
    "TransactionConflict",
    "ValidationError",
]


def credentials() -> ReadOnlyCredentials:
    return ReadOnlyCredentials("access", "secret", None)


@contextmanager
def table_on(
    *script: Says, seconds: float = 30, denied: Callable[[], object] = lambda: None, **options: Any
) -> Generator[tuple[DynamoClaimTable, ScriptedServer]]:
    session = boto3.Session("access", "secret", region_name="eu-west-2")
    with scripted_server(*script, **options) as server:
        client = session.client("dynamodb", endpoint_url=server.url)
        with closing(HttpDynamoDb(client, credentials)) as dynamodb:
            yield DynamoClaimTable(dynamodb, "claims", time.time() + seconds, denied), server


def dynamodb_shape(name: str) -> Any:
    return boto3.Session(region_name="eu-west-2").client("dynamodb").meta.service_model.shape_for(name)


def says(*responses: dict[str, Any]) -> Says:
    return answer(json.dumps({"Responses": responses}).encode())


def failed(code: str, **more: Any) -> dict[str, Any]:
    return {**WRITTEN, "Error": {"Code": code, "Message": "in AWS's words", **more}}


def kinds(outcomes: list[Claim | Unavailable | None]) -> list[type[object]]:
    return [type(outcome) for outcome in outcomes]


NONE = type(None)


def test_a_batch_is_one_request_with_a_statement_for_each_claim() -> None:
    with table_on(says(*[WRITTEN] * 3)) as (table, server):
        assert table.insert(MINE) == [None] * 3
    ((head, body),) = server.requests
    assert "x-amz-target: dynamodb_20120810.batchexecutestatement" in head.lower()
    statements = json.loads(body)["Statements"]
    assert statements[0] == {
        "Statement": "INSERT INTO \"claims\" VALUE {'pk': ?, 'bundle_id': ?, 'lease_until': ?, 'expires_at': ?}",
        "Parameters": [
            {"S": partition_key("landing/a@v1")},
            {"S": MINE[0].bundle_id},
            {"N": "1795165312.500"},
            {"N": "1795165262"},
        ],
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    assert [statement["Parameters"][0]["S"] for statement in statements] == [claim.partition_key for claim in MINE]


def test_a_batch_is_within_what_dynamodb_takes() -> None:
    """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.multiplestatements.batching.html"""
    assert dynamodb_shape("PartiQLBatchRequest").metadata["max"] == INSERTS_AT_ONCE


def test_the_codes_are_those_of_the_services_model() -> None:
    assert sorted(dynamodb_shape("BatchStatementErrorCodeEnum").enum) == sorted([*REFUSALS, "InternalServerError"])


@pytest.mark.parametrize("code", ["DuplicateItem", "ConditionalCheckFailed"])
def test_the_claim_that_stands_comes_with_the_refusal(code: str) -> None:
    with table_on(says(WRITTEN, failed(code, Item=OTHER_ITEM), WRITTEN)) as (table, server):
        assert table.insert(MINE) == [None, OTHER, None]
        assert len(server.requests) == 1


@pytest.mark.parametrize("code", REFUSALS)
def test_a_statement_that_is_refused_wrote_nothing_and_is_tried_by_itself_only(code: str) -> None:
    with table_on(says(WRITTEN, failed(code), WRITTEN)) as (table, server):
        outcomes = table.insert(MINE)
        assert kinds(outcomes) == [NONE, Refused, NONE]
        assert isinstance(outcomes[1], Refused)
        assert outcomes[1].reason == code
        assert len(server.requests) == 1


@pytest.mark.parametrize("code", ["InternalServerError", "SomethingNew", ""])
def test_a_statement_that_fails_in_any_other_way_may_have_been_done(code: str) -> None:
    with table_on(says(failed(code), WRITTEN, {"Error": {}})) as (table, _):
        assert kinds(table.insert(MINE)) == [Unavailable, NONE, Unavailable]


@pytest.mark.parametrize(
    "unclear",
    [
        pytest.param(says(WRITTEN, WRITTEN), id="too few"),
        pytest.param(says(*[WRITTEN] * 4), id="too many"),
        pytest.param(says(), id="none"),
        pytest.param(answer(b"{}"), id="no list"),
        pytest.param(answer(b"[]"), id="no document"),
        pytest.param(answer(b"<html>"), id="no JSON"),
        pytest.param(answer(b'{"__type": "x#InternalServerError"}', "500 Internal Server Error"), id="500"),
        pytest.param(answer(b"", "503 Service Unavailable"), id="503"),
        pytest.param(Says(hangs_up=True), id="nothing"),
    ],
)
def test_an_answer_that_is_not_understood_leaves_open_what_was_done_and_is_not_asked_for_again(unclear: Says) -> None:
    with table_on(unclear) as (table, server):
        assert kinds(table.insert(MINE)) == [Unavailable] * 3
        assert len(server.requests) == 1


@pytest.mark.parametrize("code", ["ValidationException", "AccessDeniedException", "ThrottlingException"])
def test_a_batch_that_is_refused_wrote_nothing_and_is_not_sent_again(code: str) -> None:
    refusal = answer(json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}"}).encode(), "400 Bad Request")
    with table_on(refusal) as (table, server):
        outcomes = table.insert(MINE)
        assert kinds(outcomes) == [Refused] * 3
        assert {outcome.reason for outcome in outcomes if isinstance(outcome, Refused)} == {code}
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("answered", "is_told"),
    [
        pytest.param(
            answer(b'{"__type": "com.amazonaws.dynamodb.v20120810#AccessDeniedException"}', "400 Bad Request"),
            True,
            id="batch",
        ),
        pytest.param(says(WRITTEN, failed("AccessDenied"), WRITTEN), True, id="statement"),
        pytest.param(says(WRITTEN, failed("ThrottlingError"), failed("DuplicateItem")), False, id="refused otherwise"),
        pytest.param(says(*[WRITTEN] * 3), False, id="done"),
    ],
)
def test_that_claims_may_not_be_inserted_is_told(answered: Says, *, is_told: bool) -> None:
    told: list[bool] = []
    with table_on(answered, denied=lambda: told.append(True)) as (table, _):
        table.insert(MINE)
    assert told == [True] * is_told


def test_a_refusal_says_nothing_of_a_batch_that_a_dead_connection_may_have_carried() -> None:
    """The first answer makes the connection a kept one, which then dies: the batch is sent once more on another."""
    with table_on(says(*[WRITTEN] * 3), says(*[failed("ThrottlingError")] * 3), dies=Says(hangs_up=True), dying=1) as (
        table,
        server,
    ):
        assert table.insert(MINE) == [None] * 3
        assert kinds(table.insert(MINE)) == [Unavailable] * 3
        assert len(server.requests) == 3


@pytest.mark.parametrize("hanging", [Says(stalls=True), Says(b"HTTP/1.1 200 OK\r\n", drips=b"x-a: 1\r\n")])
def test_a_batch_that_hangs_leaves_time_to_claim_its_files_one_by_one(
    monkeypatch: pytest.MonkeyPatch, hanging: Says
) -> None:
    """A drip has no end of its own, so without the bound of the call this test has none."""
    monkeypatch.setattr("baler.files.aws.claim_table._INSERT_SECONDS", 0.2)
    with table_on(hanging, answer(b"{}"), seconds=600) as (table, _):
        assert kinds(table.insert(MINE)) == [Unavailable] * 3
        assert table.claim(MINE[0], NOW) is None


def test_a_batch_that_hangs_ends_with_half_of_the_time() -> None:
    with table_on(Says(stalls=True), answer(b"{}"), seconds=1) as (table, _):
        assert kinds(table.insert(MINE)) == [Unavailable] * 3
        assert table.claim(MINE[0], NOW) is None
