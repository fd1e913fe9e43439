"""What lies in the stream: read from it, since a producer whose call stayed without an answer does not know."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox.demo.events.made_up import MadeUpRecord
    from sandbox.engine.endpoint import Endpoint

# A shard answers five calls a second, to all who read it.
_BETWEEN_READS_SECONDS: Final = 0.25


@dataclass(frozen=True, slots=True)
class SentRecord:
    """A record in the stream. One that was sent again after its answer was lost may lie there twice, as two.

    Attributes:
        made_up: the record.
        shard_id: where it lies.
        sequence_number: its place there.
    """

    made_up: MadeUpRecord
    shard_id: str
    sequence_number: str


def records_in(aws: Endpoint, stream: str, made_up: Sequence[MadeUpRecord]) -> list[SentRecord]:
    """Return what lies in a stream of records that were made up.

    Raises:
        SandboxError: one of them is not there, though the producer had an answer for it, or others are.
    """
    places: dict[tuple[bytes, str], list[tuple[str, str]]] = defaultdict(list)
    for shard_id in _shards(aws, stream):
        for record in _read(aws, stream, shard_id):
            places[record["Data"], record["PartitionKey"]].append((shard_id, record["SequenceNumber"]))
    sent: list[SentRecord] = []
    alike: dict[tuple[bytes, str], MadeUpRecord] = {}
    for record in made_up:
        name = record.data, record.partition_key
        if not places[name]:
            raise SandboxError(f"The stream has lost a record that it had taken: {record.data[:80]!r}")
        sent.append(SentRecord(record, *places[name].pop(0)))
        alike[name] = record
    foreign = [name for name, left in places.items() if left and name not in alike]
    if foreign:
        raise SandboxError(f"The stream has records that nobody sent: {foreign[0][0][:80]!r}")
    return sent + [SentRecord(alike[name], *place) for name, left in places.items() for place in left]


def _shards(aws: Endpoint, stream: str) -> Iterator[str]:
    for page in aws.kinesis.get_paginator("list_shards").paginate(StreamName=stream):
        for shard in page["Shards"]:
            yield shard["ShardId"]


def _read(aws: Endpoint, stream: str, shard_id: str) -> Iterator[Any]:
    """Read a shard to where it ends now."""
    kinesis = aws.kinesis
    asked = {"StreamName": stream, "ShardId": shard_id, "ShardIteratorType": "TRIM_HORIZON"}
    following: str | None = kinesis.get_shard_iterator(**asked)["ShardIterator"]
    while following is not None:
        try:
            page = kinesis.get_records(ShardIterator=following)
        except kinesis.exceptions.ProvisionedThroughputExceededException:
            time.sleep(_BETWEEN_READS_SECONDS)
            continue
        yield from page["Records"]
        if not page["Records"] and not page["MillisBehindLatest"]:
            return
        following = page.get("NextShardIterator")
        time.sleep(_BETWEEN_READS_SECONDS)
