"""What a destination on failure gets: https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html.

A queue or a topic gets where the records are, and has to read them from the stream while it keeps them; a bucket gets
the records too.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from baler_kinesis.delivery import sequence_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from baler_kinesis.delivery import Discarded


def invocation_record(discarded: Discarded, *, function: str, stream: str, shard: str, now: float) -> dict[str, Any]:
    """Return the record without its payload.

    Args:
        discarded: at least one event, in order.
        function: ARN as the mapping has it.
        stream: ARN.
        shard: id.
        now: seconds since the epoch.
    """
    first, last = discarded.events[0], discarded.events[-1]
    record: dict[str, Any] = {
        "requestContext": {
            "requestId": discarded.last.request if discarded.last else "",
            "functionArn": function,
            "condition": discarded.condition,
            "approximateInvokeCount": discarded.attempts,
        }
    }
    if discarded.last:
        record["responseContext"] = {
            "statusCode": discarded.last.status,
            "executedVersion": discarded.last.version,
            "functionError": discarded.last.error or None,
        }
    return record | {
        "version": "1.0",
        "timestamp": _text(now),
        "KinesisBatchInfo": {
            "shardId": shard,
            "startSequenceNumber": sequence_number(first),
            "endSequenceNumber": sequence_number(last),
            "approximateArrivalOfFirstRecord": _text(first["kinesis"]["approximateArrivalTimestamp"]),
            "approximateArrivalOfLastRecord": _text(last["kinesis"]["approximateArrivalTimestamp"]),
            "batchSize": len(discarded.events),
            "streamArn": stream,
        },
    }


def with_payload(record: Mapping[str, Any], discarded: Discarded) -> dict[str, Any]:
    """Return the record as a bucket gets it: the payload is the event's JSON, as a text."""
    return {**record, "payload": json.dumps({"Records": list(discarded.events)})}


def object_key(mapping: str, shard: str, unique: str, now: float) -> str:
    """Return the key of the object that a bucket gets.

    Args:
        mapping: its id.
        shard: id.
        unique: a random UUID.
        now: seconds since the epoch.
    """
    at = datetime.fromtimestamp(now, UTC)
    return f"aws/lambda/{mapping}/{shard}/{at:%Y/%m/%d}/{at:%Y-%m-%dT%H.%M.%S}-{unique}"


def _text(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
