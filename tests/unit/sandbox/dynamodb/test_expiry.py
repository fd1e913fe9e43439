"""Which items of a table go when their time is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from baler_dynamodb.expiry import delete_expired
from moto import mock_aws
from moto.dynamodb.models import dynamodb_backends

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = 2_000_000_000
YEAR = 365 * 86_400


@pytest.fixture
def client() -> Iterator[Any]:
    with mock_aws():
        client: Any = boto3.client("dynamodb", "eu-west-2", aws_access_key_id="x", aws_secret_access_key="x")  # noqa: S106 - none
        client.create_table(
            TableName="t",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            BillingMode="PAY_PER_REQUEST",
        )
        yield client


def put(client: Any, name: str, over: Any) -> None:
    client.put_item(TableName="t", Item={"pk": {"S": name}, "sk": {"S": "-"}, "over": over})


def expire(share: float = 1.0) -> int:
    return delete_expired(dynamodb_backends["123456789012"]["eu-west-2"].get_table("t"), NOW, share)


def enable(client: Any) -> None:
    client.update_time_to_live(TableName="t", TimeToLiveSpecification={"Enabled": True, "AttributeName": "over"})


def left(client: Any) -> list[str]:
    return sorted(item["pk"]["S"] for item in client.scan(TableName="t")["Items"])


def test_what_is_over_goes_and_nothing_else_does(client: Any) -> None:
    enable(client)
    put(client, "over", {"N": str(NOW - 1)})
    put(client, "not yet", {"N": str(NOW + 1)})
    put(client, "long ago", {"N": str(NOW - 6 * YEAR)})
    put(client, "a text", {"S": str(NOW - 1)})
    assert expire() == 1
    assert left(client) == ["a text", "long ago", "not yet"]


def test_a_table_without_a_time_to_live_keeps_all(client: Any) -> None:
    put(client, "over", {"N": str(NOW - 1)})
    assert expire() == 0
    assert left(client) == ["over"]


def test_a_share_goes_and_the_same_items_stay_however_often_one_looks(client: Any) -> None:
    enable(client)
    for number in range(60):
        put(client, f"item-{number}", {"N": str(NOW - 1)})
    assert 0 < expire(0.5) < 60
    stays = left(client)
    assert expire(0.5) == 0
    assert left(client) == stays
