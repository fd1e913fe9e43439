"""Ingestion's ports on S3, DynamoDB and Secrets Manager, against moto; what moto never answers is scripted."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from botocore.stub import Stubber
from harness.scripted_server import Says, answer, scripted_server

from baler.aws.http.dynamodb import HttpDynamoDb
from baler.lake.order import Order
from baler.lake.path import Path
from baler.lake.raw_key import RawKey, RawMetadata
from baler.lake.sources import SecretHeader, Source
from baler.store_errors import Refused, Unavailable
from runtime.lake.aws.raw_bucket import S3RawStore
from runtime.lake.aws.source_secrets import SecretsManagerSecrets
from runtime.lake.aws.source_states import DynamoStates
from runtime.lake.ingestion.ports import ConflictError, SecretMissingError
from runtime.lake.ingestion.source_state import Remembered, SourceState

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.usefixtures("aws")

EVENT = datetime(2026, 3, 8, 23, 55, tzinfo=UTC)
REMEMBERED = Remembered("c" * 64, "d" * 64, etag='W/"é"', last_modified="yesterday")


@pytest.fixture
def table() -> DynamoDBClient:
    client = boto3.client("dynamodb")
    client.create_table(
        TableName="sources",
        AttributeDefinitions=[{"AttributeName": "source", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "source", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return client


def test_a_source_that_was_never_fetched_has_a_new_state(table: DynamoDBClient) -> None:
    assert DynamoStates(table, "sources").get("posts") == SourceState.new("posts")


def test_states_are_read_as_they_were_written(table: DynamoDBClient) -> None:
    states = DynamoStates(table, "sources")
    taken = SourceState.new("posts").taken(EVENT, "us", 1234.5)
    for state in (taken, taken.ended_well(REMEMBERED), taken.ended_well(REMEMBERED).taken(EVENT, "they", 2.0)):
        states.replace(state)
        assert states.get("posts") == state
    failed = states.get("posts").failed("http-500", published=True)
    states.replace(failed)
    assert states.get("posts") == failed


def test_only_one_of_two_writes_over_a_state(table: DynamoDBClient) -> None:
    states = DynamoStates(table, "sources")
    new = SourceState.new("posts")
    states.replace(new.taken(EVENT, "us", 1.0))
    with pytest.raises(ConflictError):
        states.replace(new.taken(EVENT, "they", 1.0))
    ours = states.get("posts")
    states.replace(ours.taken(EVENT, "they", 2.0))
    with pytest.raises(ConflictError):
        states.replace(ours.ended_well(REMEMBERED))
    assert states.get("posts").lease == "they"


def test_a_write_that_seemed_to_fail_is_known_again(table: DynamoDBClient) -> None:
    states = DynamoStates(table, "sources")
    for state in (taken := SourceState.new("posts").taken(EVENT, "us", 1.0), taken.ended_well(REMEMBERED)):
        states.replace(state)
        states.replace(state)


def test_a_state_is_read_from_the_leader(table: DynamoDBClient) -> None:
    with Stubber(table) as stub:
        stub.add_response(
            "get_item", {}, {"TableName": "sources", "Key": {"source": {"S": "posts"}}, "ConsistentRead": True}
        )
        DynamoStates(table, "sources").get("posts")


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [("ThrottlingException", 400, Refused), ("InternalServerError", 500, Unavailable), ("AccessDenied", 400, Refused)],
)
def test_a_table_that_does_not_answer_is_unavailable(code: str, status: int, kind: type[Unavailable]) -> None:
    said = answer(
        json.dumps({"__type": f"x#{code}"}).encode(), f"{status} No", content_type="application/x-amz-json-1.0"
    )
    with scripted_server(said) as server:
        session = boto3.Session()
        credentials = session.get_credentials()
        assert credentials is not None
        client = HttpDynamoDb(session.client("dynamodb", endpoint_url=server.url), credentials.get_frozen_credentials)
        states = DynamoStates(client, "sources")
        with pytest.raises(Unavailable) as caught:
            states.replace(SourceState.new("posts").taken(EVENT, "us", 1.0))
        client.close()
    assert type(caught.value) is kind


@pytest.mark.requirement("LAKE-INGEST-03")
def test_a_raw_object_carries_its_metadata_and_a_second_put_is_a_later_version() -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="raw")
    s3.put_bucket_versioning(Bucket="raw", VersioningConfiguration={"Status": "Enabled"})
    key = RawKey.of("posts", EVENT, b"[1]")
    for generation in (1, 1001):
        metadata = RawMetadata("posts", "posts", Order(EVENT, generation), key.content_sha256, 1)
        S3RawStore(s3, "raw").put(key, metadata, b"[1]")
        found = s3.get_object(Bucket="raw", Key=key.text)
        assert found["Body"].read() == b"[1]"
        assert RawMetadata.parse(key, found["Metadata"]) == metadata
    assert len(s3.list_object_versions(Bucket="raw")["Versions"]) == 2


def test_a_bucket_that_is_not_there_is_unavailable() -> None:
    key = RawKey.of("posts", EVENT, b"[1]")
    metadata = RawMetadata("posts", "posts", Order(EVENT, 1), key.content_sha256, 1)
    with pytest.raises(Unavailable, match="NoSuchBucket"):
        S3RawStore(boto3.client("s3"), "raw").put(key, metadata, b"[1]")


KEYED = Source("keyed", "things", "https://api.example", Path(("id",)), headers=(SecretHeader("Token", "token"),))


def secrets_of(text: str | None) -> SecretsManagerSecrets:
    client = boto3.client("secretsmanager")
    made = client.create_secret(Name="keyed") if text is None else client.create_secret(Name="keyed", SecretString=text)
    return SecretsManagerSecrets(client, {"keyed": made["ARN"]})


def test_a_secret_gives_its_header_without_the_line_end_that_was_pasted() -> None:
    assert secrets_of('{"token": "Bearer t\\n", "other": 3}').headers_of(KEYED) == (("Token", "Bearer t"),)


@pytest.mark.parametrize("text", [None, "t", "[]", "{}", '{"token": ""}', '{"token": 3}', "[" * 60_000])
def test_a_secret_that_does_not_have_what_is_declared_is_missing(text: str | None) -> None:
    with pytest.raises(SecretMissingError) as caught:
        secrets_of(text).headers_of(KEYED)
    assert not caught.value.args


def test_a_source_without_a_secret_is_missing_one() -> None:
    with pytest.raises(SecretMissingError):
        secrets_of("{}").headers_of(replace(KEYED, name="other"))


def test_secrets_that_cannot_be_read_are_unavailable() -> None:
    with scripted_server(Says(hangs_up=True)) as server:
        client = boto3.client(
            "secretsmanager", endpoint_url=server.url, config=Config(retries={"total_max_attempts": 1})
        )
        with pytest.raises(Unavailable):
            SecretsManagerSecrets(client, {"keyed": "arn"}).headers_of(KEYED)
