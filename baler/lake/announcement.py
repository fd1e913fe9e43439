"""Reads a message in which S3 announces raw objects, straight from S3 into curation's queue, and writes such messages.

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
_VERSION_MAX: Final = 1024


class MalformedMessageError(ValueError):
    """A message announces no raw object of the bucket. It quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """A version of a raw object.

    Attributes:
        key: its own, decoded; hostile.
        version: its version id; None where the message has none. The same bytes may be put again under the same key,
            and each version has an order of its own in its metadata.
        put_at: when it was put, seconds since the epoch.
        again: an operator announces it once more, so its age says nothing of how fast the pipeline is.
    """

    key: str
    version: str | None
    put_at: float
    again: bool = False


def announcements(body: str, bucket: str) -> tuple[Announcement, ...]:
    """Return what a message says, in its order; nothing for the test event that S3 sends when it is configured.

    Args:
        body: of the message.
        bucket: whose objects are announced.

    Raises:
        MalformedMessageError: it is no event of S3, or not only of new objects of this bucket.
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
    return tuple(_announcement(record, bucket) for record in cast("list[object]", records))


def message_of(announced: Announcement, bucket: str) -> str:
    """Return a message that announces a raw object once more, as S3 did, with all that is read of one here."""
    moment = datetime.fromtimestamp(announced.put_at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    named = {"key": quote_plus(announced.key, safe="/")}
    if announced.version is not None:
        named["versionId"] = announced.version
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": _AGAIN,
        "eventTime": moment,
        "s3": {"bucket": {"name": bucket}, "object": named},
    }
    return json.dumps({"Records": [record]})


def _announcement(record: Any, bucket: str) -> Announcement:
    try:
        name, version = record["eventName"], record["eventVersion"]
        named = record["s3"]["object"]
        key, object_version = named["key"], named.get("versionId")
        found_bucket = record["s3"]["bucket"]["name"]
        put_at = datetime.fromisoformat(record["eventTime"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise MalformedMessageError("a record of the message is no event of S3") from error
    if not isinstance(name, str) or not str(version).startswith("2."):
        raise MalformedMessageError("a record of the message is no event of S3")
    if not name.removeprefix("s3:").startswith(_CREATED) or found_bucket != bucket:
        raise MalformedMessageError("a record of the message announces no new object of the bucket")
    is_text = object_version is None or (isinstance(object_version, str) and 0 < len(object_version) <= _VERSION_MAX)
    if not isinstance(key, str) or put_at.tzinfo is None or not is_text:
        raise MalformedMessageError("a record of the message is no event of S3")
    return Announcement(unquote_plus(key), object_version, put_at.timestamp(), name.endswith(_AGAIN))
