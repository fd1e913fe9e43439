"""Curation as Lambda runs it, over stores that a test makes, and a queue as SQS has it."""

from __future__ import annotations

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

from baler.lake.announcement import Announcement, message_of
from baler.lake.aws.record_items import counter_of
from baler.lake.aws.version_items import sightings_of
from baler.lake.counters import sums
from baler.lake.raw_key import RawKey, RawMetadata
from baler.lake.versions import versions_of

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from baler.lake.counters import Counted
    from baler.lake.order import Order
    from baler.lake.versions import Version

RAW: Final = "raw-bucket"
RECORDS: Final = "records"
COUNTERS: Final = "counters"
VERSIONS: Final = "versions"


@dataclass
class LakeStores:
    """Bucket, tables and queues.

    Attributes:
        variables: by which the function finds them.
    """

    variables: dict[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def make(cls, sources_file: str) -> LakeStores:
        """Make them where boto3 finds AWS."""
        s3, tables, sqs = boto3.client("s3"), boto3.client("dynamodb"), boto3.client("sqs")
        s3.create_bucket(Bucket=RAW)
        s3.put_bucket_versioning(Bucket=RAW, VersioningConfiguration={"Status": "Enabled"})
        for table, keys in ((RECORDS, ("id",)), (COUNTERS, ("pk", "sk")), (VERSIONS, ("id", "seen"))):
            tables.create_table(
                TableName=table,
                KeySchema=[
                    {"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)
                ],
                AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
                BillingMode="PAY_PER_REQUEST",
            )
        dead = sqs.create_queue(QueueName="curation-dead-letters")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})
        queue = sqs.create_queue(QueueName="curation", Attributes={"RedrivePolicy": redrive})["QueueUrl"]
        return cls(
            {
                "STACK": "test",
                "RAW_BUCKET": RAW,
                "RECORDS_TABLE": RECORDS,
                "COUNTERS_TABLE": COUNTERS,
                "VERSIONS_TABLE": "",
                "SOURCES_FILE": sources_file,
                "OPEN_ORIGINS": "",
                "QUEUE_URL": queue,
                "DEAD_LETTER_QUEUE_URL": dead,
                "RETENTION_DAYS": "0",
            }
        )

    def ingest(self, source: str, at: Order, content: bytes) -> Announcement:
        """Put a raw object as ingestion does; return what S3 announces."""
        key = RawKey.of(source, at.captured_at, content)
        metadata = RawMetadata(source, "posts", at, key.content_sha256, 0)
        put = boto3.client("s3").put_object(Bucket=RAW, Key=key.text, Body=content, Metadata=metadata.written())
        return Announcement(key.text, put["VersionId"], at.captured_at.timestamp())

    def records(self) -> dict[str, Mapping[str, Any]]:
        """The records by id."""
        pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=RECORDS)
        return {item["id"].get("S", ""): item for page in pages for item in page["Items"]}

    def versions(self, record: str) -> list[Version]:
        """The versions of a record, oldest first."""
        return versions_of(sightings_of(boto3.client("dynamodb"), VERSIONS, record))

    def counted(self) -> Counter[Counted]:
        """What the counters say."""
        return sums(counter_of(each) for each in boto3.client("dynamodb").scan(TableName=COUNTERS)["Items"])

    def rejected(self) -> list[dict[str, Any]]:
        """What is set aside of good raw objects."""
        s3 = boto3.client("s3")
        found = s3.list_objects_v2(Bucket=RAW, Prefix="rejected/").get("Contents", [])
        bodies = [s3.get_object(Bucket=RAW, Key=each["Key"])["Body"].read() for each in found if "Key" in each]
        return [json.loads(line) for body in bodies for line in body.splitlines()]

    def messages(self, queue: str) -> list[dict[str, Any]]:
        """Take what can be received of a queue, named by the variable of its URL."""
        sqs, url = boto3.client("sqs"), self.variables[queue]
        answer: Any = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], AttributeNames=["All"]
        )
        return answer.get("Messages", [])


@dataclass
class LambdaPoller:
    """Hands a queue's messages to a function as Lambda's event source mapping does (ReportBatchItemFailures).

    Attributes:
        url: the queue's URL.
        run: runs the function; says whether it ended, and what its answer names.
    """

    url: str
    run: Callable[[dict[str, Any]], tuple[bool, list[str]]]

    def send(self, *bodies: str) -> None:
        """Send messages."""
        entries: Any = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
        boto3.client("sqs").send_message_batch(QueueUrl=self.url, Entries=entries)

    def poll(self) -> bool:
        """Receive a batch and run the function; say whether there was one. What stays is visible at once."""
        sqs = boto3.client("sqs")
        answer: Any = sqs.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=10,
            MessageAttributeNames=["All"],
            AttributeNames=["All"],
            VisibilityTimeout=300,
            # As long as the first copies are held back.
            WaitTimeSeconds=4,
        )
        messages = answer.get("Messages", [])
        if not messages:
            return False
        ended, stay = self.run({"Records": [_lambda_record(each) for each in messages]})
        for each in messages:
            receipt: str = each["ReceiptHandle"]
            if ended and each["MessageId"] not in stay:
                sqs.delete_message_batch(QueueUrl=self.url, Entries=[{"Id": "0", "ReceiptHandle": receipt}])
            else:
                # Of one that the function deleted itself this is refused.
                sqs.change_message_visibility_batch(
                    QueueUrl=self.url, Entries=[{"Id": "0", "ReceiptHandle": receipt, "VisibilityTimeout": 0}]
                )
        return True


def _lambda_record(message: dict[str, Any]) -> dict[str, Any]:
    """What Lambda makes of a message of SQS."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": {
            name: {"dataType": each["DataType"], "stringValue": each["StringValue"]}
            for name, each in message.get("MessageAttributes", {}).items()
        },
        "eventSource": "aws:sqs",
    }


def announced(*each: Announcement) -> str:
    """The message by which S3 announces raw objects."""
    records = [
        record
        for one in each
        for record in json.loads(message_of(one, RAW).replace("Created:Again", "Created:Put"))["Records"]
    ]
    return json.dumps({"Records": records})


def sqs_event(bodies: Sequence[str], receives: int = 1, attributes: Mapping[str, int] | None = None) -> dict[str, Any]:
    """What Lambda hands over for messages m0, m1, ..."""
    return {"Records": [sqs_record(f"m{number}", body, receives, attributes) for number, body in enumerate(bodies)]}


def sqs_record(
    message_id: str, body: str, receives: int = 1, attributes: Mapping[str, int] | None = None
) -> dict[str, Any]:
    """One message."""
    return {
        "messageId": message_id,
        "receiptHandle": f"handle-{message_id}",
        "body": body,
        "attributes": {"ApproximateReceiveCount": str(receives), "SentTimestamp": "1773014400000"},
        "messageAttributes": {
            name: {"dataType": "Number", "stringValue": str(value)} for name, value in (attributes or {}).items()
        },
        "eventSource": "aws:sqs",
    }


def context(seconds: float = 60.0) -> Any:
    """What Lambda says of an invocation that may take so long."""
    return SimpleNamespace(
        function_name="function",
        memory_limit_in_mb=256,
        invoked_function_arn="arn:aws:lambda:us-east-1:000000000000:function:function:live",
        aws_request_id="request",
        get_remaining_time_in_millis=lambda: round(seconds * 1000),
    )


def started(variables: Mapping[str, str]) -> Iterator[Any]:
    """Yield the module of the handler, in an execution environment of its own."""
    modules = [f"runtime.lake.curation.{part}" for part in ("handler", "observability")]
    for name in modules:
        sys.modules.pop(name, None)
    # Python keeps a logger for each name.
    named = {"POWERTOOLS_SERVICE_NAME": f"curation-{uuid.uuid4()}", "POWERTOOLS_TRACE_DISABLED": "true"}
    with mock.patch.dict(os.environ, {**variables, **named}):
        module: Any = importlib.import_module(modules[0])
        yield module
        for client in (module._s3, module._dynamodb, module._sqs):
            client.close()
    for name in modules:
        sys.modules.pop(name, None)


def invoke(module: Any, event: dict[str, Any], seconds: float = 60.0) -> list[str]:
    """Call the handler, which may take so long; return what its answer names."""
    for handler in logging.getLogger(module.logger.service).handlers:
        assert isinstance(handler, logging.StreamHandler)
        # The one that is captured now; Powertools keeps the one at import, which is closed.
        handler.stream = sys.stdout
    answer = module.handle(event, context(seconds))
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]
