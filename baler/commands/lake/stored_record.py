"""A record as the table has it, and the raw object that it is of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from botocore.exceptions import ClientError

from baler.aws.faults import code_of
from baler.lake.aws.named_table import named_table
from baler.lake.aws.raw_versions import ARCHIVED
from baler.lake.aws.record_items import (
    CAPTURED_AT,
    CHANGED_AT,
    DOCUMENT,
    FINGERPRINT,
    ID,
    OTHER_SEEN,
    PROCESSED_AT,
    RAW_S3_KEY,
    SEEN,
    SOURCE,
    other_seen_order,
    seen_order,
)
from baler.lake.order import written_time
from baler.lake.sources import RESERVED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

_GONE: Final = frozenset({"404", "NoSuchKey", "NotFound"})


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record.

    Attributes:
        id, source: its name, and its source's.
        captured_at: time of the first event that showed it.
        changed_at: time since which it is what it is.
        seen_at: time of the last event that showed it so.
        other_at: time of the last event that showed it otherwise; None if none did.
        processed_at: when its content was written.
        fingerprint: of its content.
        raw_s3_key: of the newest raw object that shows it.
        fields: declared fields; hostile.
        document: JSON text, hostile; None if it is in the raw object alone.
    """

    id: str
    source: str
    captured_at: str
    changed_at: str
    seen_at: str
    other_at: str | None
    processed_at: str
    fingerprint: str
    raw_s3_key: str
    fields: Mapping[str, object]
    document: str | None

    @classmethod
    def of_item(cls, item: Mapping[str, Any]) -> StoredRecord:
        """Read an item.

        Raises:
            ValueError, KeyError: it is none of a record.
        """
        other = other_seen_order(item[OTHER_SEEN]["S"])
        return cls(
            id=item[ID]["S"],
            source=item[SOURCE]["S"],
            captured_at=item[CAPTURED_AT]["S"],
            changed_at=item[CHANGED_AT]["S"],
            seen_at=written_time(seen_order(item[SEEN]["S"]).captured_at),
            other_at=None if other is None else written_time(other.captured_at),
            processed_at=item[PROCESSED_AT]["S"],
            fingerprint=item[FINGERPRINT]["S"],
            raw_s3_key=item[RAW_S3_KEY]["S"],
            fields={name: _plain(value) for name, value in item.items() if name not in RESERVED},
            document=item[DOCUMENT]["S"] if DOCUMENT in item else None,
        )


def stored_record(client: DynamoDBClient, table: str, record: str) -> StoredRecord | None:
    """Read a record, consistently; None if there is none.

    Raises:
        ClientError, BotoCoreError: the table does not answer.
        Refused: it is none of records.
    """
    with named_table(table, "records"):
        item = client.get_item(TableName=table, Key={ID: {"S": record}}, ConsistentRead=True).get("Item")
        return None if item is None else StoredRecord.of_item(item)


def raw_object_state(client: S3Client, bucket: str, key: str) -> str:
    """Return whether a raw object is "there", "archived" (in Glacier, to be restored before it is read) or "gone".

    Raises:
        ClientError, BotoCoreError: S3 does not answer.
    """
    try:
        answer = cast("Mapping[str, Any]", client.head_object(Bucket=bucket, Key=key))
    except ClientError as error:
        if code_of(error) in _GONE:
            return "gone"
        raise
    restored = 'ongoing-request="false"' in answer.get("Restore", "")
    return "archived" if answer.get("StorageClass") in ARCHIVED and not restored else "there"


def _plain(value: Mapping[str, Any]) -> object:
    """Return a field's value. A number keeps its digits: one that is no whole number is a text."""
    ((kind, content),) = value.items()
    if kind == "N":
        return int(content) if content.lstrip("-").isdigit() else content
    return content
