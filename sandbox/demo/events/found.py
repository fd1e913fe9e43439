"""What the pipeline has made of the records: read from its stores, as anybody would who may."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mypy_boto3_s3 import S3Client

    from sandbox.deployed import DeployedEvents
    from sandbox.engine.endpoint import Endpoint

PROCESSED_PREFIX: Final = "processed/"
REJECTED_PREFIX: Final = "rejected/"
_READERS: Final = 8


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an object.

    Attributes:
        key: the object's.
        document: what it says; a number with a point is a Decimal, so that every digit counts.
    """

    key: str
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """An item of the table of batches, as far as it adds up."""

    total: int
    success: int
    failed: int


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table that queries read."""

    record_id: str
    event_type: str
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Found:
    """What is there.

    Attributes:
        processed: lines below `processed/`.
        rejected: lines below `rejected/`.
        batches: of the table of batches.
        rows: of the table that queries read.
        left: messages or objects that should not be there, by where they are.
    """

    processed: Sequence[Line]
    rejected: Sequence[Line]
    batches: Sequence[Batch]
    rows: Sequence[Row]
    left: Mapping[str, int]


def lines_of(s3: S3Client, bucket: str, prefix: str) -> list[Line]:
    """Read every line of every object below a prefix."""
    keys = list(keys_of(s3, bucket, prefix))

    def read(key: str) -> list[Line]:
        body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return [Line(key, json.loads(line, parse_float=Decimal)) for line in body.splitlines()]

    with ThreadPoolExecutor(_READERS) as pool:
        return [line for lines in pool.map(read, keys) for line in lines]


def keys_of(s3: S3Client, bucket: str, prefix: str = "") -> dict[str, float]:
    """Return the keys below a prefix, each with the second in which it was put at the latest."""
    return {
        item.get("Key", ""): item["LastModified"].timestamp() + 1.0  # pyright: ignore[reportTypedDictNotRequiredAccess]  # S3 sends it, without the fraction
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for item in page.get("Contents", [])
    }


def batches_of(aws: Endpoint, deployed: DeployedEvents) -> list[Batch]:
    """Read the table of batches."""
    pages = aws.dynamodb.get_paginator("scan").paginate(TableName=deployed.batch_table, ConsistentRead=True)
    return [
        Batch(*(int(item[name].get("N", "-1")) for name in ("total_records", "success_records", "failed_records")))
        for page in pages
        for item in page["Items"]
    ]


def left_in(aws: Endpoint, deployed: DeployedEvents) -> dict[str, int]:
    """Count what should be empty."""
    return {
        "dead letters of the transformer": messages_in(aws, deployed.transform_dead_letter_queue_url),
        "dead letters of the compactor": messages_in(aws, deployed.compaction_dead_letter_queue_url),
        "records that the mapping gave up": len(keys_of(aws.s3, deployed.failure_bucket)),
    }


def messages_in(aws: Endpoint, url: str) -> int:
    """Count the messages of a queue, those too that are being worked on or delayed."""
    attributes = aws.sqs.get_queue_attributes(
        QueueUrl=url,
        AttributeNames=[
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        ],
    )["Attributes"]
    return sum(int(number) for number in attributes.values())
