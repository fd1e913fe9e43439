"""moto's backend with AWS's limits: sizes, what a shard takes and gives in a second, and the life of an iterator.

https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html and API_GetRecords.html. Streams here have
the default of 1 MiB for a record and 5 MiB for a call; AWS lets a stream have up to ten times as much.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from baler_cloudwatch.samples import measured
from moto.core.exceptions import JsonRESTError
from moto.kinesis import models, urls
from moto.kinesis.exceptions import InvalidArgumentError, ResourceInUseError, TooManyRecords

from baler_kinesis.iterator import IteratorError, ShardIterator, parse_iterator
from baler_kinesis.shard import LOCK, MEBIBYTE, OrderedShard, decoded_length
from baler_kinesis.stream import ReshardableStream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moto.kinesis.models import Record

LARGEST_RECORD = MEBIBYTE
LARGEST_CALL = 5 * MEBIBYTE
MOST_RECORDS = 500

# What a stream calls what a shard calls otherwise.
OF_STREAM = {"IteratorAgeMilliseconds": "GetRecords.IteratorAgeMilliseconds"}
_EXCEEDED = "ProvisionedThroughputExceededException"


class LimitedBackend(models.KinesisBackend):
    """Streams of one account and region."""

    # moto looks for it beside the backend's module.
    _url_module = urls

    def create_stream(
        self,
        stream_name: str,
        shard_count: int | None,
        stream_mode: dict[str, str] | None = None,
        retention_period_hours: int | None = None,
    ) -> ReshardableStream:
        """Make a stream; one that is on demand has no number of shards.

        Raises:
            ResourceInUseError: there is one of that name.
        """
        if stream_name in self.streams:
            raise ResourceInUseError(stream_name)
        stream = ReshardableStream(
            stream_name,
            shard_count,
            stream_mode=stream_mode,
            retention_period_hours=retention_period_hours,
            account_id=self.account_id,
            region_name=self.region_name,
        )
        self.streams[stream_name] = stream
        return stream

    def describe_stream(self, stream_arn: str | None, stream_name: str | None) -> ReshardableStream:
        """Return a stream, without what its retention period has taken."""
        stream = super().describe_stream(stream_arn, stream_name)
        stream.trim()
        return stream

    def get_shard_iterator(  # noqa: PLR0913, PLR0917 - moto's signature
        self,
        stream_arn: str | None,
        stream_name: str | None,
        shard_id: str,
        shard_iterator_type: str,
        starting_sequence_number: str | None,
        at_timestamp: float | None,
    ) -> str:
        """Return a place in a shard.

        Raises:
            InvalidArgumentError: the type is none.
            ShardNotFoundError: there is no such shard.
        """
        stream = self.describe_stream(stream_arn, stream_name)
        shard = stream.get_shard(shard_id)
        match shard_iterator_type:
            case "TRIM_HORIZON":
                last = 0
            case "LATEST":
                last = shard.get_max_sequence_number()
            case "AT_SEQUENCE_NUMBER":
                last = int(starting_sequence_number or 0) - 1
            case "AFTER_SEQUENCE_NUMBER":
                last = int(starting_sequence_number or 0)
            case "AT_TIMESTAMP":
                last = shard.get_sequence_number_at(float(at_timestamp or 0))
            case _:
                raise InvalidArgumentError(f"Invalid ShardIteratorType: {shard_iterator_type}")
        return ShardIterator(stream.stream_name, shard_id, last, OrderedShard.now()).text()

    def get_records(
        self, stream_arn: str | None, shard_iterator: str, limit: int | None
    ) -> tuple[str | None, list[Record], int]:
        """Return the next iterator (None at the end of a closed shard), records, and how far behind they are.

        Raises:
            InvalidArgumentError: the iterator is none.
            JsonRESTError: it has expired, or the shard was read too often or too much in the last second.
        """
        try:
            place = parse_iterator(shard_iterator)
        except IteratorError as error:
            raise InvalidArgumentError(str(error)) from error
        if place.expired(OrderedShard.now()):
            raise JsonRESTError(
                "ExpiredIteratorException", "Iterator expired. The iterator was created more than 300 seconds ago."
            )
        stream = self.describe_stream(stream_arn, place.stream)
        shard = stream.get_shard(place.shard)
        if not shard.admits_read():
            self._measure(stream, shard, {"ReadProvisionedThroughputExceeded": 1})
            raise JsonRESTError(_EXCEEDED, self._exceeded(stream, shard))
        page = shard.read(place.last, limit)
        # Of the last record that a read answers; 0 where nothing was left to read.
        age = (OrderedShard.now() - page.records[-1].created_at) * 1000 if page.records else page.behind_ms
        self._measure(
            stream, shard, {"IteratorAgeMilliseconds": age, "ReadProvisionedThroughputExceeded": 0}, OF_STREAM
        )
        following = ShardIterator(place.stream, place.shard, page.last, OrderedShard.now())
        return None if page.ended else following.text(), page.records, page.behind_ms

    def put_record(
        self, stream_arn: str | None, stream_name: str | None, partition_key: str, explicit_hash_key: str, data: str
    ) -> tuple[str, str]:
        """Put a record and return its number and shard.

        Raises:
            JsonRESTError: it is too large, or its shard takes no more in this second.
        """
        stream = self.describe_stream(stream_arn, stream_name)
        size = _size(partition_key, data, "data")
        shard, number = _place(stream, partition_key, explicit_hash_key, data, size)
        self._measure_put(stream, shard, size, taken=number is not None)
        if number is None:
            raise JsonRESTError(_EXCEEDED, self._exceeded(stream, shard))
        return number, shard.shard_id

    def put_records(
        self, stream_arn: str | None, stream_name: str | None, records: list[dict[str, Any]]
    ) -> dict[str, Any]:
        """Put records, each for itself: the answer says which ones a shard has not taken.

        Raises:
            JsonRESTError: they are too many or too large; none is put then.
        """
        stream = self.describe_stream(stream_arn, stream_name)
        if len(records) > MOST_RECORDS:
            raise TooManyRecords
        sizes = [
            _size(record["PartitionKey"], record["Data"], f"records.{index}.member.data")
            for index, record in enumerate(records, 1)
        ]
        if sum(sizes) > LARGEST_CALL:
            raise InvalidArgumentError("Records size exceeds 5 MB limit")
        for record in records:  # a key that is refused refuses the call, before any record is put
            stream.get_shard_for_key(record["PartitionKey"], record.get("ExplicitHashKey"))
        answers: list[dict[str, str]] = []
        for record, size in zip(records, sizes, strict=True):
            shard, number = _place(stream, record["PartitionKey"], record.get("ExplicitHashKey"), record["Data"], size)
            self._measure_put(stream, shard, size, taken=number is not None)
            answers.append(
                {"ErrorCode": _EXCEEDED, "ErrorMessage": self._exceeded(stream, shard)}
                if number is None
                else {"SequenceNumber": number, "ShardId": shard.shard_id}
            )
        return {"FailedRecordCount": sum("ErrorCode" in answer for answer in answers), "Records": answers}

    def _measure_put(self, stream: ReshardableStream, shard: OrderedShard, size: int, *, taken: bool) -> None:
        put = {"IncomingRecords": 1, "IncomingBytes": size} if taken else {}
        self._measure(stream, shard, {**put, "WriteProvisionedThroughputExceeded": int(not taken)})

    def _measure(
        self,
        stream: ReshardableStream,
        shard: OrderedShard,
        values: dict[str, float],
        of_stream: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Put samples of a stream, and of a shard where they are asked for; `of_stream` has other names of the former.

        https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html
        """
        about = {"StreamName": stream.stream_name}
        named = {of_stream.get(name, name): value for name, value in values.items()}
        measured(self.account_id, self.region_name, "AWS/Kinesis", about, named)
        wanted = stream.shard_level_metrics
        of_shard = {name: value for name, value in values.items() if name in wanted or "ALL" in wanted}
        about |= {"ShardId": shard.shard_id}
        measured(self.account_id, self.region_name, "AWS/Kinesis", about, of_shard)

    def _exceeded(self, stream: ReshardableStream, shard: OrderedShard) -> str:
        return (
            f"Rate exceeded for shard {shard.shard_id} in stream {stream.stream_name} under account {self.account_id}."
        )


def _place(
    stream: ReshardableStream, partition_key: str, explicit_hash_key: str | None, data: str, size: int
) -> tuple[OrderedShard, str | None]:
    with LOCK:  # or the shard might be closed in between
        shard = stream.get_shard_for_key(partition_key, explicit_hash_key)
        number = shard.put_record(partition_key, data, explicit_hash_key) if shard.admits(size) else None
        return shard, number


def _size(partition_key: str, data: str, member: str) -> int:
    """Return what counts of a record: its data before base64, and its key."""
    size = decoded_length(data) + len(str(partition_key).encode())
    if size > LARGEST_RECORD:
        raise JsonRESTError(
            "ValidationException",
            f"1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must have length "
            f"less than or equal to {LARGEST_RECORD}",
        )
    return size
