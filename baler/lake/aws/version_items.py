"""Versions of records as items of DynamoDB: one for each sighting.

    versions  id, seen "<time>#<generation>" | fingerprint raw_s3_key expires_at

`expires_at` is there where records have a retention: a version is over as a record is that was first captured with it.
What a version holds is in its raw object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from baler.lake.aws.named_table import named_table
from baler.lake.aws.record_items import FINGERPRINT, ID, RAW_S3_KEY, SEEN, Item, expiry, seen_order, seen_text
from baler.lake.retention import FOR_EVER
from baler.lake.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mypy_boto3_dynamodb import DynamoDBClient

    from baler.lake.retention import Retention


def version_item(record: str, version: Version, retention: Retention = FOR_EVER) -> Item:
    """Return the item of a record's version."""
    return expiry(retention.expires_at(version.order.captured_at.date())) | {
        ID: {"S": record},
        SEEN: {"S": seen_text(version.order)},
        FINGERPRINT: {"S": version.fingerprint},
        RAW_S3_KEY: {"S": version.raw_s3_key},
    }


def version_in(item: Mapping[str, Any]) -> Version:
    """Read an item.

    Raises:
        ValueError, KeyError: it is none of a version.
    """
    return Version(seen_order(item[SEEN]["S"]), item[FINGERPRINT]["S"], item[RAW_S3_KEY]["S"])


def sightings_of(client: DynamoDBClient, table: str, record: str) -> Iterator[Version]:
    """Yield all that was kept of a record, oldest first, read consistently; see `versions_of`.

    Raises:
        ClientError, BotoCoreError: the table does not answer.
        Refused: it is none of versions.
    """
    pages = client.get_paginator("query").paginate(
        TableName=table,
        ConsistentRead=True,
        KeyConditionExpression="#id = :id",
        ExpressionAttributeNames={"#id": ID},
        ExpressionAttributeValues={":id": {"S": record}},
    )
    with named_table(table, "versions"):
        for page in pages:
            yield from map(version_in, page["Items"])
