"""Versions of records on moto, as curation keeps them and as an operator reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import boto3
import pytest
from harness.sightings import order, sighting

from baler.aws.http.dynamodb import HttpDynamoDb
from baler.aws.session import credentials_of
from baler.lake.aws.version_items import sightings_of
from baler.lake.versions import Version, versions_of
from baler.store_errors import Refused
from runtime.lake.aws.version_table import DynamoVersionTable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from runtime.lake.curation.sighting import Sighting

TIMES: Final = ("2026-03-08T10:00", "2026-03-08T10:05", "2026-03-08T10:10")


@pytest.fixture
def client(aws: None) -> DynamoDBClient:  # noqa: ARG001 - what it talks with
    made = boto3.client("dynamodb")
    made.create_table(
        TableName="versions",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "seen", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "seen")],
        BillingMode="PAY_PER_REQUEST",
    )
    return made


def as_version(shown: Sighting) -> Version:
    return Version(shown.order, shown.fingerprint, shown.raw_s3_key)


def test_sightings_read_back_in_their_order_and_twice_is_once(client: DynamoDBClient) -> None:
    shown = [sighting(1, title, order(at)) for title, at in zip(["red", "blue", "red"], TIMES, strict=True)]
    table = DynamoVersionTable(client, "versions")
    for each in (*reversed(shown), shown[1]):
        table.put([each, sighting(2, "green", each.order)])
    assert list(sightings_of(client, "versions", "posts-1")) == [as_version(each) for each in shown]
    assert len(list(sightings_of(client, "versions", "posts-2"))) == 3
    assert len(versions_of(sightings_of(client, "versions", "posts-2"))) == 1
    assert list(sightings_of(client, "versions", "posts-3")) == []


def test_a_function_keeps_many_by_a_client_of_our_own(client: DynamoDBClient) -> None:
    http = HttpDynamoDb(client, credentials_of(boto3.Session()))
    shown = [sighting(1, "red", order(TIMES[0], generation)) for generation in range(1, 41)]
    DynamoVersionTable(http, "versions").put(shown)
    assert list(sightings_of(client, "versions", "posts-1")) == [as_version(each) for each in shown]
    http.close()


def test_a_table_that_is_not_there_is_a_refusal_and_never_passed_over(client: DynamoDBClient) -> None:
    with pytest.raises(Refused):
        DynamoVersionTable(client, "none").put([sighting(1, "red", order(TIMES[0]))])
