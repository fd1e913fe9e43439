"""Reads a message in which S3 announces new objects, straight from S3 into a queue.

S3 user guide, "Event message structure": versions 2.x (a minor version adds fields), keys form-encoded. It is sent at
least once, late, in any order. Nothing in a message is believed: anything may have put one into the queue.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, cast
from urllib.parse import quote_plus, unquote_plus

_CREATED: Final = "ObjectCreated:"
# S3 writes Put, Post, Copy and CompleteMultipartUpload behind it.
_AGAIN: Final = f"{_CREATED}Again"


class MalformedMessageError(ValueError):
    """A message, or one record of it, announces no new object of the bucket. It quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """One new object.

    Attributes:
        key: its own, decoded; hostile.
        put_at: when it was put, seconds since the epoch.
        size: bytes; 0 where the message does not say.
        message: a message that announces it alone.
        again: an operator announces it once more, so its age says nothing of how fast the pipeline is.
    """

    key: str
    put_at: float
    size: int
    message: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """One record of a message that announces nothing.

    Attributes:
        reason: what is wrong with it.
        message: a message with this record alone.
    """

    reason: str
    message: str


def announcements(body: str, bucket: str) -> tuple[Announcement | Refusal, ...]:
    """Return what a message says, in its order; nothing for the test event that S3 sends when it is configured.

    Args:
        body: of the message.
        bucket: whose objects are announced.

    Raises:
        MalformedMessageError: it is no event of S3.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedMessageError("the message is not JSON") from error
    if not isinstance(document, dict):
        raise MalformedMessageError("the message is not an object")
    fields = cast("dict[str, Any]", document)
    if fields.get("Event") == "s3:TestEvent" and "Records" not in fields:
        return ()
    records = fields.get("Records")
    if not isinstance(records, list) or not records:
        raise MalformedMessageError("the message has no records")
    return tuple(_read(record, bucket) for record in cast("list[object]", records))


def message_of(key: str, bucket: str, put_at: float) -> str:
    """Return a message that announces an object once more, as S3 did, with all that is read of one here."""
    moment = datetime.fromtimestamp(put_at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return _message(
        {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "eventName": _AGAIN,
            "eventTime": moment,
            "s3": {"bucket": {"name": bucket}, "object": {"key": quote_plus(key, safe="/")}},
        }
    )


def _read(record: object, bucket: str) -> Announcement | Refusal:
    message = _message(record)
    try:
        return _announcement(record, bucket, message)
    except MalformedMessageError as error:
        return Refusal(str(error), message)
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError):
        return Refusal("a record is none that S3 writes", message)


def _announcement(record: Any, bucket: str, message: str) -> Announcement:
    if record["eventSource"] != "aws:s3" or not record["eventVersion"].startswith("2."):
        raise MalformedMessageError("a record is not of S3, or of another version")
    if not record["eventName"].startswith(_CREATED):
        raise MalformedMessageError("a record is of another event than ObjectCreated")
    if record["s3"]["bucket"]["name"] != bucket:
        raise MalformedMessageError("a record is of another bucket")
    moment = datetime.fromisoformat(record["eventTime"])
    put_at = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    stored = record["s3"]["object"]
    key, size = unquote_plus(stored["key"], errors="strict"), int(stored.get("size", 0))
    return Announcement(key, put_at, size, message, again=record["eventName"] == _AGAIN)


def _message(record: object) -> str:
    return json.dumps({"Records": [record]}, separators=(",", ":"))
