"""A record of the stream as Lambda hands it to a function, and as it writes it for the destination on failure."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from baler.events.stream_record import StreamRecord

if TYPE_CHECKING:
    from collections.abc import Mapping


class BadLambdaRecordError(ValueError):
    """It is no record of a stream."""


def stream_record(record: Mapping[str, Any], shard_id: str) -> StreamRecord:
    """Return the record.

    Args:
        record: one of `Records` of Lambda's event.
        shard_id: the shard that all of the batch are of.

    Raises:
        BadLambdaRecordError: fields are missing, or of another type.
    """
    try:
        inner = record["kinesis"]
        number, key, data = inner["sequenceNumber"], inner["partitionKey"], inner["data"]
        arrived_at = inner["approximateArrivalTimestamp"]
        if not isinstance(number, str) or not (number.isascii() and number.isdigit()) or not isinstance(key, str):
            raise BadLambdaRecordError("a record has a sequence number and a partition key")
        content = base64.b64decode(data, validate=True)
        return StreamRecord(shard_id, number, 0, key, float(arrived_at), content)
    except (KeyError, TypeError, binascii.Error, ValueError) as error:
        raise BadLambdaRecordError("it is no record of a stream") from error
