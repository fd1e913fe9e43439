from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws
from typer.testing import CliRunner

from baler.cli.exit_codes import ExitCode
from baler.cli.main import app
from baler.commands.events.verify import shards_of
from baler.events.aws.coverage_table import DynamoCoverageTable
from baler.events.processed_object import processed_key
from baler.events.recovery.fence import fence
from baler.events.stream.committed_batch import CommittedBatch
from baler.events.stream.shard_key import ShardKey
from baler.events.stream_record import StreamRecord

if TYPE_CHECKING:
    from collections.abc import Iterator

OPTIONS = {
    "--stream": "events",
    "--progress-table": "progress",
    "--raw-bucket": "raw",
    "--processed-bucket": "processed",
}


class Yard:
    """A stream of one shard, its table and two stores."""

    def __init__(self) -> None:
        self.s3, dynamodb = boto3.client("s3"), boto3.client("dynamodb")
        kinesis: Any = boto3.client("kinesis")  # type: ignore[call-overload]
        for bucket in ("raw", "processed"):
            self.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
        dynamodb.create_table(
            TableName="progress",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
            BillingMode="PAY_PER_REQUEST",
        )
        kinesis.create_stream(StreamName="events", ShardCount=1)
        (self.shard,) = shards_of(kinesis, "events")
        self.table = DynamoCoverageTable(dynamodb, "progress")
        self.frontier = ""

    def commit(self, last: str, *, minutes_ago: float, shard: ShardKey | None = None) -> str:
        """Commit a batch with an object in both stores; return its key."""
        owner = shard or self.shard
        key = f"raw/event_type=metric/year=2026/month=11/day=26/hour=09/data_{owner.label}_{last}.json"
        after = "" if shard else self.frontier
        batch = CommittedBatch(owner, after, last, last, (key,), None, 3, 0, time.time() - minutes_ago * 60)
        if shard:
            self.table.commit_recovery(batch, self.shard, 0)
        else:
            self.table.commit(batch)
            self.frontier = last
        self.s3.put_object(Bucket="raw", Key=key, Body=b"")
        self.s3.put_object(Bucket="processed", Key=processed_key(key), Body=b"")
        return key


@pytest.fixture
def yard(aws_settings: None) -> Iterator[Yard]:  # noqa: ARG001 - none of the shell's
    with mock_aws():
        yield Yard()


def verify(*words: str) -> tuple[int, list[dict[str, Any]]]:
    flat = [part for option in OPTIONS.items() for part in option]
    result = CliRunner().invoke(app, ["events", "verify", *flat, "--json", *words])
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]


def test_all_that_was_committed_is_in_both_stores(yard: Yard) -> None:
    yard.commit("01", minutes_ago=60)
    pseudo = f"redrive-20261126T134500Z-0a1b2c-{yard.shard.shard_id}-00000001"
    yard.commit("02", minutes_ago=50, shard=ShardKey(yard.shard.stream, yard.shard.created_at, pseudo))
    yard.table.commit(fence(yard.shard, "01", [StreamRecord(yard.shard.shard_id, "09", 0, "", time.time(), b"")]))

    code, (done,) = verify()

    assert code == ExitCode.OK
    assert (done["batches"], done["events"], done["objects"]) == (2, 6, 2)


def test_what_is_gone_or_late_is_named_and_what_is_on_its_way_is_not(yard: Yard) -> None:
    gone, late, on_its_way = (yard.commit(last, minutes_ago=ago) for last, ago in (("01", 60), ("02", 50), ("03", 1)))
    yard.s3.delete_object(Bucket="raw", Key=gone)
    for key in (late, on_its_way):
        yard.s3.delete_object(Bucket="processed", Key=processed_key(key))

    code, told = verify()

    assert code == ExitCode.NEEDS_ATTENTION
    assert sorted((each["event"], each["key"]) for each in told[:-1]) == [("gone", gone), ("late", late)]
    assert (told[-1]["gone"], told[-1]["unprocessed"], told[-1]["waiting"]) == (1, 1, 1)


def test_batches_before_the_range_are_left_out(yard: Yard) -> None:
    yard.s3.delete_object(Bucket="raw", Key=yard.commit("01", minutes_ago=60 * 25))
    yard.commit("02", minutes_ago=10)

    code, (done,) = verify()

    assert (code, done["batches"]) == (ExitCode.OK, 1)
