"""The event stream as far as people look at it, on moto: stream, table of batches, raw bucket."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from moto import mock_aws
from typer.testing import CliRunner

from baler.cli.main import app
from baler.commands.events.batch_report import SHARD_INDEX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typer.testing import Result

REGION = "eu-west-2"


@dataclass
class Pipeline:
    """Names of a stack's parts, and what is in them."""

    def __post_init__(self) -> None:
        self.kinesis: Any = cast("Any", boto3).client("kinesis")
        self.dynamodb = boto3.client("dynamodb")
        self.s3 = boto3.client("s3")
        self.kinesis.create_stream(StreamName="stream", ShardCount=2)
        self.s3.create_bucket(Bucket="raw", CreateBucketConfiguration={"LocationConstraint": REGION})
        self.dynamodb.create_table(
            TableName="batches",
            KeySchema=[
                {"AttributeName": "batch_id", "KeyType": "HASH"},
                {"AttributeName": "processed_at", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in ("batch_id", "processed_at", "shard_id")
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": SHARD_INDEX,
                    "KeySchema": [
                        {"AttributeName": "shard_id", "KeyType": "HASH"},
                        {"AttributeName": "processed_at", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
            BillingMode="PAY_PER_REQUEST",
        )

    def commit(self, shard: int | str, processed_at: str, good: int = 100, failed: int = 0) -> None:
        """Note a batch in the table, as the processor does."""
        shard_id = shard if isinstance(shard, str) else f"shardId-{shard:012}"
        self.dynamodb.put_item(
            TableName="batches",
            Item={
                "batch_id": {"S": f"1764158400.{shard_id}_1_{processed_at}"},
                "processed_at": {"S": processed_at},
                "shard_id": {"S": shard_id},
                "total_records": {"N": str(good + failed)},
                "success_records": {"N": str(good)},
                "failed_records": {"N": str(failed)},
                "partitions_count": {"N": "4"},
            },
        )

    def records(self) -> list[dict[str, Any]]:
        """All that is in the stream."""
        found: list[dict[str, Any]] = []
        for shard in self.kinesis.list_shards(StreamName="stream")["Shards"]:
            iterator = self.kinesis.get_shard_iterator(
                StreamName="stream", ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            records = self.kinesis.get_records(ShardIterator=iterator)["Records"]
            found += [json.loads(record["Data"]) for record in records]
        return found

    def run(self, *arguments: str, **environment: str) -> Result:
        variables = {
            "BALER_EVENTS_STREAM": "stream",
            "BALER_EVENTS_BATCH_TABLE": "batches",
            "BALER_EVENTS_RAW_BUCKET": "raw",
            "COLUMNS": "300",
            **environment,
        }
        return CliRunner().invoke(app, ["events", *arguments], env=variables)


@pytest.fixture
def pipeline(aws_settings: None) -> Iterator[Pipeline]:  # noqa: ARG001 - where boto3 finds moto
    with mock_aws():
        yield Pipeline()
