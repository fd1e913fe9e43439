"""Reads an SQS message that announces landed files, whichever way S3's event came into the queue.

| way | schema |
| --- | --- |
| S3 → SQS | S3 user guide, "Event message structure": versions 2.x (a minor version adds fields), keys form-encoded |
| S3 → EventBridge → SQS | the same guide, "EventBridge event message structure": keys as they are, not encoded |
| either → SNS → SQS | SNS developer guide, "HTTP/HTTPS notification JSON format": the event is the text in `Message` |

With SNS's raw message delivery there is no third one. Nothing in a message is believed: the external party chooses the
keys, and anything may have put a message into the queue.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import unquote_plus

from baler.files.landed_file import LandedFile
from baler.files.reason import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

# S3's limit for a key, in bytes of UTF-8.
_KEY_MAX: Final = 1024
# S3's version ids and ETags have about 32 characters. Together with bucket and key a longer one could be more than the
# 2,048 bytes that DynamoDB takes as a partition key, and what the claim table refuses stops a whole batch.
_TOKEN_MAX: Final = 512
# A topic may feed another through a forwarder; a hostile message must not be unwrapped for ever.
_ENVELOPES_MAX: Final = 3
_SNS_HANDSHAKES: Final = ("SubscriptionConfirmation", "UnsubscribeConfirmation")


class Poison(ValueError):  # noqa: N818 - what the field calls such a message
    """A message, or one record of it, that can never be processed.

    Attributes:
        reason: what is wrong with it.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class LandedFiles:
    """What a message announces: a sequence of its good files, which has none for the test event of S3.

    Attributes:
        files: those of its good records, in the message's order.
        refused: why each of its other records can never be processed, in the message's order.
    """

    files: tuple[LandedFile, ...] = ()
    refused: tuple[Poison, ...] = ()

    def __iter__(self) -> Iterator[LandedFile]:
        return iter(self.files)

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, position: int) -> LandedFile:
        return self.files[position]


def landed_files(body: str, landing_bucket: str) -> LandedFiles:
    """Return the files that a message announces, and what is wrong with its other records.

    Raises:
        Poison: nothing of it can be taken: no event of S3, or each record of an unknown schema, of another bucket, or
            of another kind than the creation of an object; the reason is that of the first record.
    """
    document = _unwrapped(body)
    if document.get("Event") == "s3:TestEvent" and "Records" not in document:
        return LandedFiles()
    if "detail-type" in document:
        return LandedFiles((_of_event_bridge(document, landing_bucket),))
    records = document.get("Records")
    if not isinstance(records, list) or not records:
        raise Poison(Reason.MALFORMED, "the message has no records")
    files: list[LandedFile] = []
    refused: list[Poison] = []
    for record in cast("list[object]", records):
        try:
            files.append(_of_record(record, landing_bucket))
        except Poison as poison:
            refused.append(poison)
    if not files:
        raise refused[0]
    return LandedFiles(tuple(files), tuple(refused))


def _unwrapped(body: str) -> dict[str, Any]:
    """Return the event, without the envelopes that SNS put around it."""
    text = body
    for _ in range(_ENVELOPES_MAX + 1):
        document = _parsed(text)
        kind = document.get("Type")
        if kind in _SNS_HANDSHAKES:
            raise Poison(Reason.OTHER_EVENT, "SNS asks to confirm a subscription")
        if kind != "Notification" or "Records" in document:
            return document
        text = _text(document, "Message")
    raise Poison(Reason.MALFORMED, f"the message is in more than {_ENVELOPES_MAX} envelopes of SNS")


def _parsed(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Poison(Reason.MALFORMED, "the message is not a JSON object") from error
    return _object(document, "the message")


def _of_record(entry: object, landing_bucket: str) -> LandedFile:
    """Read one record of an event notification.

    S3-compatible stores write `s3:` in front of the event's name, and a source of their own, `minio:s3` for example.
    """
    record = _object(entry, "a record")
    if not str(record.get("eventSource")).endswith(":s3"):
        raise Poison(Reason.OTHER_EVENT, "a record is not from S3")
    if not _text(record, "eventVersion").startswith("2."):
        raise Poison(Reason.UNKNOWN_SCHEMA, "a record's eventVersion is not 2.x")
    if not _text(record, "eventName").removeprefix("s3:").startswith("ObjectCreated:"):
        raise Poison(Reason.OTHER_EVENT, "a record is of another event than ObjectCreated")
    s3 = _object(record.get("s3"), "s3")
    _check_bucket(_object(s3.get("bucket"), "s3.bucket"), landing_bucket)
    landed = _object(s3.get("object"), "s3.object")
    return LandedFile(
        bucket=landing_bucket,
        key=_key(_decoded(_text(landed, "key"))),
        version_id=_version(landed, "versionId"),
        etag=_token(landed, "eTag").strip('"'),
        size=_size(landed),
        event_time=_moment(record, "eventTime"),
    )


def _of_event_bridge(event: dict[str, Any], landing_bucket: str) -> LandedFile:
    if event.get("source") != "aws.s3":
        raise Poison(Reason.OTHER_EVENT, "the event is not from S3")
    if event["detail-type"] != "Object Created":
        raise Poison(Reason.OTHER_EVENT, "the event is of another type than Object Created")
    detail = _object(event.get("detail"), "detail")
    # Older events have none; `version` is EventBridge's own and always 0.
    if not str(detail.get("event-version", "1.0")).startswith("1."):
        raise Poison(Reason.UNKNOWN_SCHEMA, "the event's event-version is not 1.x")
    _check_bucket(_object(detail.get("bucket"), "detail.bucket"), landing_bucket)
    landed = _object(detail.get("object"), "detail.object")
    return LandedFile(
        bucket=landing_bucket,
        key=_key(_text(landed, "key")),
        version_id=_version(landed, "version-id"),
        etag=_token(landed, "etag").strip('"'),
        size=_size(landed),
        event_time=_moment(event, "time"),
    )


def _check_bucket(bucket: dict[str, Any], landing_bucket: str) -> None:
    if _text(bucket, "name") != landing_bucket:
        raise Poison(Reason.OTHER_BUCKET, "a record is of another bucket than the landing bucket")


def _decoded(key: str) -> str:
    try:
        return unquote_plus(key, errors="strict")
    except UnicodeError as error:
        raise Poison(Reason.MALFORMED, "a record's key is not UTF-8") from error


def _key(key: str) -> str:
    try:
        length = len(key.encode())
    except UnicodeError as error:
        raise Poison(Reason.MALFORMED, "a record's key is not UTF-8") from error
    if length > _KEY_MAX:
        raise Poison(Reason.MALFORMED, f"a record's key is longer than {_KEY_MAX} bytes")
    return key


def _version(landed: dict[str, Any], name: str) -> str | None:
    return _token(landed, name) if landed.get(name) else None


def _size(landed: dict[str, Any]) -> int:
    size = landed.get("size", 0)
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise Poison(Reason.MALFORMED, "a record's size is not a number of bytes")
    return size


def _token(fields: dict[str, Any], name: str) -> str:
    """Return what S3 made up itself: short and plain, so that it can be part of a claim's key and of a request."""
    token = _text(fields, name)
    if len(token) > _TOKEN_MAX or not token.isascii() or not token.isprintable():
        raise Poison(Reason.MALFORMED, f"a record's {name} is none that S3 writes")
    return token


def _moment(fields: dict[str, Any], name: str) -> datetime:
    text = _text(fields, name)
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise Poison(Reason.MALFORMED, f"a record's {name} is not a time") from error


def _object(value: object, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Poison(Reason.MALFORMED, f"{name} is not a JSON object")
    return cast("dict[str, Any]", value)


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise Poison(Reason.MALFORMED, f"{name} is missing or not text")
    return value
