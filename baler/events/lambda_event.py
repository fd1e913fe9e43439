"""Records of a stream as Lambda hands them to a function, and as an on-failure destination in S3 keeps them.

Lambda developer guide, "Process Amazon Kinesis Data Streams records with Lambda": `Records`, each with `eventID`
("<shard id>:<sequence number>"), `eventSourceARN` and `kinesis`.
"""

from __future__ import annotations

import binascii
from typing import TYPE_CHECKING, Any

from baler.events.stream_record import StreamRecord

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class ForeignEventError(ValueError):
    """An event is none of the stream, or of several shards: the mapping that sent it is not ours."""


def stream_records(event: Mapping[str, Any], stream: str) -> list[StreamRecord]:
    """Return the records of an event, in its order; all are of one shard.

    Args:
        event: what Lambda hands over.
        stream: ARN of the stream.

    Raises:
        ForeignEventError: it holds no record, one of another stream, several shards, or is no such event.
    """
    try:
        return _records(event["Records"], stream)
    except (KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise ForeignEventError("this is no event of a stream") from error


def _records(entries: Sequence[Mapping[str, Any]], stream: str) -> list[StreamRecord]:
    if not entries:
        raise ForeignEventError("the event holds no record")
    shard_id = entries[0]["eventID"].rpartition(":")[0]
    origin = f"{shard_id}:"
    records: list[StreamRecord] = []
    for entry in entries:
        fields = entry["kinesis"]
        if entry["eventSourceARN"] != stream:
            raise ForeignEventError("a record is of another stream")
        if not entry["eventID"].startswith(origin):
            raise ForeignEventError("the records are of several shards")
        records.append(
            StreamRecord(
                shard_id,
                fields["sequenceNumber"],
                0,
                fields["partitionKey"],
                fields["approximateArrivalTimestamp"],
                binascii.a2b_base64(fields["data"]),
            )
        )
    return records
