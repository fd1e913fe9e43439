"""What Lambda writes of a batch that it gives up: where it came from, why, and its records.

https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from baler.events.lambda_event import ForeignEventError, stream_records

if TYPE_CHECKING:
    from collections.abc import Mapping

    from baler.events.stream_record import StreamRecord

PREFIX: Final = "aws/lambda/"
"""Where Lambda puts them: aws/lambda/<mapping>/<shard>/YYYY/MM/DD/<time>-<UUID>."""
BYTES_MAX: Final = 32 * 1024 * 1024
"""A batch has 6 MB as Lambda's event, and that is quoted once more as a text."""


class BadFailureObjectError(ValueError):
    """An object is none that Lambda writes for a batch of a stream; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class FailureObject:
    """A batch that was given up.

    Attributes:
        stream: ARN.
        shard_id: of which shard.
        condition: why, in Lambda's words, for example "RetryAttemptsExhausted".
        records: in the order of the shard; each that it has from the first of them to the last.
    """

    stream: str
    shard_id: str
    condition: str
    records: tuple[StreamRecord, ...]


def failure_object(content: bytes) -> FailureObject:
    """Read an object.

    Raises:
        BadFailureObjectError: Lambda writes no such object, or it holds other records than it says.
    """
    try:
        document = _mapping(json.loads(content))
        batch = _mapping(document["KinesisBatchInfo"])
        stream, shard_id = str(batch["streamArn"]), str(batch["shardId"])
        if "payload" not in document:
            raise _without_records(shard_id, batch)
        records = tuple(stream_records(_mapping(json.loads(document["payload"])), stream))
        condition = str(_mapping(document["requestContext"])["condition"])
        ends = (str(batch["startSequenceNumber"]), str(batch["endSequenceNumber"]))
        size = batch["batchSize"]
    except BadFailureObjectError:
        raise
    except (ValueError, KeyError, TypeError, RecursionError, ForeignEventError) as error:
        raise BadFailureObjectError("Lambda writes no such object for a batch of a stream") from error
    numbers = [record.sequence_number for record in records]
    if (
        {record.shard_id for record in records} != {shard_id}
        or (numbers[0], numbers[-1]) != ends
        or len(numbers) != size
    ):
        raise BadFailureObjectError("it holds other records than it says")
    if numbers != sorted(set(numbers)):
        raise BadFailureObjectError("its records are not in the order of a shard")
    return FailureObject(stream, shard_id, condition, records)


def _without_records(shard_id: str, batch: Mapping[str, Any]) -> BadFailureObjectError:
    """Return the error for an object that says where its records are, as a queue would get it, and has none."""
    first, last = (
        datetime.fromisoformat(batch[f"approximateArrivalOf{which}Record"]).astimezone(UTC)
        for which in ("First", "Last")
    )
    start, end = f"{first:%Y-%m-%dT%H:%M:%S}", f"{last + timedelta(seconds=1):%Y-%m-%dT%H:%M:%S}"
    number = int(batch["batchSize"])
    return BadFailureObjectError(
        f"it holds none of its {number} records: take them from the stream, by `baler events replay --shard "
        f"{shard_id} --from {start} --to {end}`"
    )


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("an object of JSON is needed")
    return cast("dict[str, Any]", value)
