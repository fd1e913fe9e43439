"""Reads an SQS message that S3 wrote: which files landed.

The schema is https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html: versions 2.x
(a minor version adds fields only), keys form-encoded. Nothing in it is believed: the external party chooses the keys,
and anything may have put a message into the queue.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Final, cast
from urllib.parse import unquote_plus

from runtime.aggregator.verdict import Reason
from runtime.files import LandedFile

# S3's limit for a key, in bytes of UTF-8.
_KEY_MAX: Final = 1024
# S3's version ids and ETags have about 32 characters. Together with bucket and key a longer one could be more than the
# 2,048 bytes that DynamoDB takes as a partition key, and what the claim table refuses stops a whole batch.
_TOKEN_MAX: Final = 512


class Poison(ValueError):  # noqa: N818 - what the field calls such a message
    """A message that can never be processed.

    Attributes:
        reason: what is wrong with it.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def landed_files(body: str, landing_bucket: str) -> list[LandedFile]:
    """Return the files that a message announces; none for the test event that S3 sends when it is configured.

    Raises:
        Poison: not an S3 event, of an unknown schema, of another bucket, or of another kind than ObjectCreated.
    """
    try:
        document = _object(json.loads(body), "the message")
    except (ValueError, RecursionError) as error:
        raise Poison(Reason.MALFORMED, "the message is not a JSON object") from error
    if document.get("Event") == "s3:TestEvent" and "Records" not in document:
        return []
    records = document.get("Records")
    if not isinstance(records, list) or not records:
        raise Poison(Reason.MALFORMED, "the message has no records")
    return [_landed(record, landing_bucket) for record in cast("list[object]", records)]


def _landed(entry: object, landing_bucket: str) -> LandedFile:
    record = _object(entry, "a record")
    if record.get("eventSource") != "aws:s3":
        raise Poison(Reason.OTHER_EVENT, "a record is not from S3")
    if not _text(record, "eventVersion").startswith("2."):
        raise Poison(Reason.UNKNOWN_SCHEMA, "a record's eventVersion is not 2.x")
    if not _text(record, "eventName").startswith("ObjectCreated:"):
        raise Poison(Reason.OTHER_EVENT, "a record is of another event than ObjectCreated")
    s3 = _object(record.get("s3"), "s3")
    if _text(_object(s3.get("bucket"), "s3.bucket"), "name") != landing_bucket:
        raise Poison(Reason.OTHER_BUCKET, "a record is of another bucket than the landing bucket")
    landed = _object(s3.get("object"), "s3.object")
    size = landed.get("size", 0)
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise Poison(Reason.MALFORMED, "a record's size is not a number of bytes")
    return LandedFile(
        bucket=landing_bucket,
        key=_key(_text(landed, "key")),
        version_id=_token(landed, "versionId") if landed.get("versionId") else None,
        etag=_token(landed, "eTag").strip('"'),
        size=size,
        event_time=_moment(_text(record, "eventTime")),
    )


def _key(encoded: str) -> str:
    try:
        key = unquote_plus(encoded, errors="strict")
        length = len(key.encode())
    except UnicodeError as error:
        raise Poison(Reason.MALFORMED, "a record's key is not UTF-8") from error
    if length > _KEY_MAX:
        raise Poison(Reason.MALFORMED, f"a record's key is longer than {_KEY_MAX} bytes")
    return key


def _token(fields: dict[str, Any], name: str) -> str:
    """Return what S3 made up itself: short and plain, so that it can be part of a claim's key and of a request."""
    token = _text(fields, name)
    if len(token) > _TOKEN_MAX or not token.isascii() or not token.isprintable():
        raise Poison(Reason.MALFORMED, f"a record's {name} is none that S3 writes")
    return token


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise Poison(Reason.MALFORMED, "a record's eventTime is not a time") from error


def _object(value: object, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Poison(Reason.MALFORMED, f"{name} is not a JSON object")
    return cast("dict[str, Any]", value)


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise Poison(Reason.MALFORMED, f"{name} is missing or not text")
    return value
