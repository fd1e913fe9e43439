"""The watch of receipts on moto: what is archived counts once the courier has noted its acknowledgement."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
import pytest
from harness.consumer import make_bundle
from moto import mock_aws

from baler.files.aws.courier_table import DynamoCourierTable
from baler.files.bundle.ids import bundle_key
from baler.files.courier.delivery_record import DeliveryId, DeliveryRecord
from loadtest.receipts import ReceiptWatch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client


@dataclass
class Stack:
    """An archive and a courier's table."""

    s3: S3Client
    dynamodb: DynamoDBClient
    puts: int = 0

    def __post_init__(self) -> None:
        self.watch = ReceiptWatch(self.s3, self.dynamodb, "archive", "courier", since=0.0)
        self._table = DynamoCourierTable(self.dynamodb, "courier", 1000)

    def archive(self) -> str:
        """Put a bundle into the archive; return its id."""
        self.puts += 1
        bundle_id, body = make_bundle([("key", b"content")], self.puts)
        metadata = {"content-sha256": hashlib.sha256(body).hexdigest()}
        self.s3.put_object(Bucket="archive", Key=bundle_key(bundle_id), Body=body, Metadata=metadata)
        return bundle_id

    def note(self, bundle_id: str, *, replay_id: str = "", delivered_at: float = 0.0) -> None:
        self._table.note(DeliveryRecord(DeliveryId(bundle_id, replay_id), attempts=1, delivered_at=delivered_at))

    def look(self) -> dict[str, float]:
        """Look once; return when what is new was acknowledged, by bundle id."""
        return {found.manifest.bundle_id: found.at for found in self.watch.look(time.time(), everything=True)}


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        s3, dynamodb = boto3.client("s3", region_name="us-east-1"), boto3.client("dynamodb", region_name="us-east-1")
        s3.create_bucket(Bucket="archive")
        dynamodb.create_table(
            TableName="courier",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        yield Stack(s3, dynamodb)


@pytest.mark.requirement("PUSH-LOAD-01", "PUSH-NFR-02", "PUSH-SUM-01")
def test_a_bundle_has_arrived_at_the_moment_of_its_receipt_and_once(stack: Stack) -> None:
    bundle_id = stack.archive()
    assert stack.look() == {}
    assert stack.watch.waiting == 1
    stack.note(bundle_id, delivered_at=1234.5)
    assert stack.look() == {bundle_id: 1234.5}
    assert stack.look() == {}
    assert stack.watch.waiting == 0


def test_a_refusal_is_no_receipt_and_a_replay_s_is_another_delivery_s(stack: Stack) -> None:
    bundle_id = stack.archive()
    stack.note(bundle_id)
    stack.note(bundle_id, replay_id="again", delivered_at=1234.5)
    assert stack.look() == {}


def test_more_bundles_than_dynamodb_answers_for_at_once_all_arrive(stack: Stack) -> None:
    bundle_ids = [stack.archive() for _ in range(101)]
    for bundle_id in bundle_ids:
        stack.note(bundle_id, delivered_at=1.0)
    assert set(stack.look()) == set(bundle_ids)
