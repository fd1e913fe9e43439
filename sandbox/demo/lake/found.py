"""What the lake has made of what its sources sent: read from its stores, as anybody would who may."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.deployed import DeployedLake
    from sandbox.engine.endpoint import Endpoint

RAW_PREFIX: Final = "raw/"
_REJECTED_PREFIX: Final = "rejected/"
_TOTAL: Final = "total#"
_DAY: Final = "day#"


@dataclass(frozen=True, slots=True)
class RawObject:
    """A version of a raw object.

    Attributes:
        key, version: its name.
        source: as its metadata says, like `captured_at`, the time of its event.
        body: its bytes.
    """

    key: str
    version: str
    source: str
    captured_at: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Counters:
    """What the table of counters says, added up.

    Attributes:
        total: by source.
        days: by source and day; those that say nothing are left out.
    """

    total: Mapping[str, int]
    days: Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Answers:
    """What the API says.

    Attributes:
        all: records, page by page, of all sources.
        by_source: page by page, of each.
        single: some records, each asked for by its id.
        analytics: of seven days.
    """

    all: Sequence[Mapping[str, Any]]
    by_source: Mapping[str, Sequence[Mapping[str, Any]]]
    single: Mapping[str, Mapping[str, Any] | None]
    analytics: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """What is there.

    Attributes:
        raw: versions of raw objects.
        records: items of the table, by id, as texts, numbers and truth values.
        counters: see there.
        answers: see there.
        left: messages or objects that should not be there, by where they are.
    """

    raw: Sequence[RawObject]
    records: Mapping[str, Mapping[str, Any]]
    counters: Counters
    answers: Answers
    left: Mapping[str, int]


def raw_objects_of(aws: Endpoint, deployed: DeployedLake) -> list[RawObject]:
    """Read every version of every raw object."""
    pages = aws.s3.get_paginator("list_object_versions").paginate(Bucket=deployed.raw_bucket, Prefix=RAW_PREFIX)
    names: list[Any] = [version for page in pages for version in page.get("Versions", [])]
    return [_raw_object(aws, deployed.raw_bucket, name["Key"], name["VersionId"]) for name in names]


def raw_count(aws: Endpoint, deployed: DeployedLake, source: str) -> int:
    """Count the versions of raw objects of a source."""
    prefix = f"{RAW_PREFIX}source={source}/"
    pages = aws.s3.get_paginator("list_object_versions").paginate(Bucket=deployed.raw_bucket, Prefix=prefix)
    return sum(len(page.get("Versions", [])) for page in pages)


def records_of(aws: Endpoint, deployed: DeployedLake) -> dict[str, dict[str, Any]]:
    """Read the table of records."""
    return {item["id"]: item for item in _items_of(aws, deployed.records_table)}


def counters_of(aws: Endpoint, deployed: DeployedLake) -> Counters:
    """Read the table of counters."""
    total: defaultdict[str, int] = defaultdict(int)
    days: defaultdict[tuple[str, str], int] = defaultdict(int)
    for item in _items_of(aws, deployed.counters_table):
        source, what, number = item["pk"], item["sk"], int(item["n"])
        if what.startswith(_TOTAL):
            total[source] += number
        else:
            days[source, what.removeprefix(_DAY)[:10]] += number
    return Counters(dict(total), {key: number for key, number in days.items() if number})


def left_in(aws: Endpoint, deployed: DeployedLake) -> dict[str, int]:
    """Count what should be empty."""
    pages = aws.s3.get_paginator("list_objects_v2").paginate(Bucket=deployed.raw_bucket, Prefix=_REJECTED_PREFIX)
    return {
        "dead letters": messages_in(aws, deployed.curation_dead_letter_queue_url),
        "objects of records that were set aside": sum(len(page.get("Contents", [])) for page in pages),
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


def _raw_object(aws: Endpoint, bucket: str, key: str, version: str) -> RawObject:
    answer = aws.s3.get_object(Bucket=bucket, Key=key, VersionId=version)
    metadata = answer["Metadata"]
    return RawObject(key, version, metadata["source"], metadata["captured-at"], answer["Body"].read())


def _items_of(aws: Endpoint, table: str) -> list[dict[str, Any]]:
    pages = aws.dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return [{name: _value(value) for name, value in item.items()} for page in pages for item in page["Items"]]


def _value(attribute: Any) -> Any:
    ((kind, value),) = attribute.items()
    return Decimal(value) if kind == "N" else value
