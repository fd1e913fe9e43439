"""The event stream's functions as Lambda runs them, over stores that a test makes."""

from __future__ import annotations

import base64
import importlib
import json
import logging
import os
import sys
import uuid
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

import boto3

from baler.events.announcement import message_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

RAW: Final = "raw-bucket"
PROCESSED: Final = "processed-bucket"
PROGRESS: Final = "progress"
BATCHES: Final = "batches"
STREAM: Final = "events"
ARRIVED_AT: Final = 1_795_165_262.5


@dataclass
class EventStores:
    """Stream, buckets, tables and queues.

    Attributes:
        variables: by which both functions find them.
    """

    stream: str = ""
    variables: dict[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def make(cls) -> EventStores:
        """Make them where boto3 finds AWS."""
        s3, tables, sqs = boto3.client("s3"), boto3.client("dynamodb"), boto3.client("sqs")
        untyped: Any = boto3
        kinesis = untyped.client("kinesis")
        for bucket in (RAW, PROCESSED):
            s3.create_bucket(Bucket=bucket)
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        for table, partition, sort in ((PROGRESS, "pk", "sk"), (BATCHES, "batch_id", "processed_at")):
            tables.create_table(
                TableName=table,
                KeySchema=[
                    {"AttributeName": partition, "KeyType": "HASH"},
                    {"AttributeName": sort, "KeyType": "RANGE"},
                ],
                AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in (partition, sort)],
                BillingMode="PAY_PER_REQUEST",
            )
        kinesis.create_stream(StreamName=STREAM, ShardCount=1)
        stream = kinesis.describe_stream_summary(StreamName=STREAM)["StreamDescriptionSummary"]["StreamARN"]
        return cls(
            stream,
            {
                "STACK": "test",
                "STREAM_ARN": stream,
                "RAW_BUCKET": RAW,
                "PROCESSED_BUCKET": PROCESSED,
                "PROGRESS_TABLE": PROGRESS,
                "BATCH_TABLE": BATCHES,
                "BATCH_DAYS": "30",
                "RAW_DAYS": "0",
                "TRANSFORM_QUEUE_URL": sqs.create_queue(QueueName="transform")["QueueUrl"],
                "DEAD_LETTER_QUEUE_URL": sqs.create_queue(QueueName="transform-dead-letters")["QueueUrl"],
                "PATIENCE_SECONDS": "86400",
                "THRESHOLDS": "{}",
            },
        )

    def keys(self, bucket: str, shard: str, prefix: str = "") -> list[str]:
        """The keys in a bucket of what a shard's records were made to."""
        found = boto3.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
        return [key for each in found if f".{shard}_" in (key := each.get("Key", ""))]

    def versions(self, bucket: str, shard: str) -> int:
        """How many versions of all these objects a bucket holds."""
        found = boto3.client("s3").list_object_versions(Bucket=bucket).get("Versions", [])
        return len([each for each in found if f".{shard}_" in each.get("Key", "")])

    def lines(self, bucket: str, shard: str, prefix: str = "") -> list[dict[str, Any]]:
        """The JSON lines of these objects."""
        s3 = boto3.client("s3")
        bodies = [s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in self.keys(bucket, shard, prefix)]
        return [json.loads(line) for body in bodies for line in body.splitlines()]

    def progress(self, shard: str) -> dict[str, Mapping[str, AttributeValueTypeDef]]:
        """What the protocol's table holds of a shard, by the second part of the key."""
        items = boto3.client("dynamodb").scan(TableName=PROGRESS)["Items"]
        return {item["sk"].get("S", ""): item for item in items if item["pk"].get("S", "").endswith(f"/{shard}")}

    def batches(self, shard: str) -> list[Mapping[str, AttributeValueTypeDef]]:
        """What the table of batches holds of a shard."""
        items = boto3.client("dynamodb").scan(TableName=BATCHES)["Items"]
        return [item for item in items if item["shard_id"].get("S") == shard]

    def messages(self, queue: str) -> list[dict[str, Any]]:
        """Take what can be received of a queue, named by the variable of its URL."""
        answer: Any = boto3.client("sqs").receive_message(
            QueueUrl=self.variables[queue], MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        )
        return answer.get("Messages", [])


def event_of(amount: float = 5, **fields: Any) -> bytes:
    """A transaction as a producer sends it."""
    event = {"timestamp": "2026-11-20T09:01:02Z", "event_type": "transaction", "amount": amount, **fields}
    return json.dumps(event).encode()


def kinesis_event(stream: str, shard: str, contents: Sequence[bytes], first: int = 1) -> dict[str, Any]:
    """What Lambda hands over for records of a shard."""
    return {
        "Records": [
            {
                "kinesis": {
                    "kinesisSchemaVersion": "1.0",
                    "partitionKey": f"key-{number}",
                    "sequenceNumber": f"{number:056}",
                    "data": base64.b64encode(content).decode(),
                    "approximateArrivalTimestamp": ARRIVED_AT + number,
                },
                "eventSource": "aws:kinesis",
                "eventVersion": "1.0",
                "eventID": f"{shard}:{number:056}",
                "eventName": "aws:kinesis:record",
                "awsRegion": "us-east-1",
                "eventSourceARN": stream,
            }
            for number, content in enumerate(contents, first)
        ]
    }


def announced(*keys: str, put_at: float = ARRIVED_AT) -> list[str]:
    """The messages by which S3 announces raw objects."""
    return [message_of(key, RAW, put_at).replace("ObjectCreated:Again", "ObjectCreated:Put") for key in keys]


def sqs_event(bodies: Sequence[str], receives: int = 1) -> dict[str, Any]:
    """What Lambda hands over for messages m0, m1, ..."""
    return {
        "Records": [
            {
                "messageId": f"m{number}",
                "receiptHandle": f"handle-{number}",
                "body": body,
                "attributes": {
                    "ApproximateReceiveCount": str(receives),
                    "SentTimestamp": str(round(ARRIVED_AT * 1000)),
                },
                "eventSource": "aws:sqs",
            }
            for number, body in enumerate(bodies)
        ]
    }


def context(seconds: float = 60.0) -> Any:
    """What Lambda says of an invocation that may take so long."""
    return SimpleNamespace(
        function_name="function",
        memory_limit_in_mb=512,
        invoked_function_arn="arn:aws:lambda:us-east-1:000000000000:function:function:live",
        aws_request_id="request",
        get_remaining_time_in_millis=lambda: round(seconds * 1000),
    )


def started(function: str, variables: Mapping[str, str]) -> Iterator[Any]:
    """Yield the module of a function's handler, in an execution environment of its own."""
    modules = [f"runtime.events.{function}.{part}" for part in ("handler", "observability")]
    for name in modules:
        sys.modules.pop(name, None)
    # Python keeps a logger for each name.
    named = {"POWERTOOLS_SERVICE_NAME": f"{function}-{uuid.uuid4()}", "POWERTOOLS_TRACE_DISABLED": "true"}
    with mock.patch.dict(os.environ, {**variables, **named}):
        module: Any = importlib.import_module(modules[0])
        yield module
        if hasattr(module, "_clients"):  # of our own HTTP
            module._clients.close()
    for name in modules:
        sys.modules.pop(name, None)


def invoke(module: Any, event: dict[str, Any], seconds: float = 60.0) -> list[str]:
    """Call a handler that may take so long; return what its answer names."""
    for handler in logging.getLogger(module.logger.service).handlers:
        assert isinstance(handler, logging.StreamHandler)
        # The one that is captured now; Powertools keeps the one at import, which is closed.
        handler.stream = sys.stdout
    answer = module.handle(event, context(seconds))
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]
