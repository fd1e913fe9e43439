"""The stream, as recovery reads it beside the mapping."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from baler.aws.attempts import attempt
from baler.aws.faults import code_of
from baler.events.stream_record import StreamRecord
from runtime.events.recovery.ports import NoSuchShardError, Page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_RECORDS_PER_CALL: Final = 1000
# A shard takes five of these calls a second, and gives 2 MB, for all of its readers (Kinesis API reference,
# GetRecords). The mapping has the better part.
_PAUSE_SECONDS: Final = 0.5


class KinesisSource:
    """The StreamSource port (see runtime/events/recovery/ports.py).

    Args:
        client: boto3's, of which no stubs are installed.
        stream: ARN.
        deadline: when its calls must be over, seconds since the epoch.
        clock: seconds since the epoch.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        client: Any,
        stream: str,
        deadline: float,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._client = client
        self._stream = stream
        self._deadline = deadline
        self._clock = clock
        self._sleep = sleep
        self._summary: dict[str, Any] | None = None

    def created_at(self) -> int:
        """Ask once for the stream's summary."""
        return int(self._described()["StreamCreationTimestamp"].timestamp())

    def horizon(self) -> float:
        """Reckon by the retention; what arrived before is gone, or will be at any moment."""
        kept = self._described()["RetentionPeriodHours"] * 3600
        return max(float(self.created_at()), self._clock() - kept)

    def pages(self, shard_id: str, start: float, after: str) -> Iterator[Page]:
        """Read as long as there is something to read."""
        iterator: str | None = self._iterator(shard_id, start, after)
        while iterator is not None:
            answer = self._records(iterator)
            records = tuple(_record(shard_id, record) for record in answer["Records"])
            iterator = answer.get("NextShardIterator")
            # A closed shard has no next iterator; an open one may have nothing more at this moment.
            at_end = iterator is None or (not records and answer.get("MillisBehindLatest", 0) == 0)
            yield Page(records, at_end)
            if at_end:
                return
            self._sleep(_PAUSE_SECONDS)

    def _described(self) -> dict[str, Any]:
        if self._summary is not None:
            return self._summary

        def describe() -> dict[str, Any]:
            return self._client.describe_stream_summary(StreamARN=self._stream)["StreamDescriptionSummary"]

        summary = self._summary = attempt("describe the stream", describe, self._deadline)
        return summary

    def _iterator(self, shard_id: str, start: float, after: str) -> str:
        place: dict[str, Any] = {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": start}
        if after:
            place = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": after}

        def get() -> str:
            try:
                return self._client.get_shard_iterator(StreamARN=self._stream, ShardId=shard_id, **place)[
                    "ShardIterator"
                ]
            except ClientError as error:
                if code_of(error) == "ResourceNotFoundException":
                    raise NoSuchShardError(f"the stream has no shard {shard_id!r}, or keeps it no more") from error
                raise

        return attempt("find a place in a shard", get, self._deadline)

    def _records(self, iterator: str) -> dict[str, Any]:
        return attempt(
            "read a shard",
            lambda: self._client.get_records(StreamARN=self._stream, ShardIterator=iterator, Limit=_RECORDS_PER_CALL),
            self._deadline,
        )


def _record(shard_id: str, record: dict[str, Any]) -> StreamRecord:
    arrived_at = record["ApproximateArrivalTimestamp"].timestamp()
    return StreamRecord(shard_id, record["SequenceNumber"], 0, record["PartitionKey"], arrived_at, record["Data"])
