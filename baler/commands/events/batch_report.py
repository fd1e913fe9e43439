"""The document's table of batches: a report that is kept for 30 days, written beside what the protocol commits."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient

    from baler.cli.period import Period

SHARD_INDEX: Final = "ShardIndex"


@dataclass(frozen=True, slots=True)
class ReportedBatch:
    """What the table says of a batch.

    Attributes:
        batch_id: of the shard and the first and last sequence number.
        processed_at: when its last record arrived in the stream, ISO 8601, UTC.
        shard_id: a shard's, or that of a redrive or replay.
        total, good, failed: records, events and rejections; total is the sum of the two.
        partitions: hours and types that it has events of, an object each.
    """

    batch_id: str
    processed_at: str
    shard_id: str
    total: int
    good: int
    failed: int
    partitions: int

    @classmethod
    def of_item(cls, item: Mapping[str, Any]) -> ReportedBatch:
        """Read an item as DynamoDB answers it; a count that is missing is 0."""
        numbers = ("total_records", "success_records", "failed_records", "partitions_count")
        texts = (item.get(name, {}).get("S", "") for name in ("batch_id", "processed_at", "shard_id"))
        return cls(*texts, *(int(item.get(name, {}).get("N", "0")) for name in numbers))


class BatchReport:
    """Reads the table by its index, a shard at a time: it has no order of its own over all shards.

    Args:
        client: boto3's client.
        table: the table's name.
    """

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def newest(self, shard_ids: Sequence[str], period: Period, *, failed_only: bool, limit: int) -> list[ReportedBatch]:
        """Return batches of these shards, newest first.

        Raises:
            ClientError, BotoCoreError: the table does not answer.
        """
        by_shard = [self._of_shard(shard_id, period, failed_only=failed_only) for shard_id in shard_ids]
        found = merge(*by_shard, key=lambda batch: batch.processed_at, reverse=True)
        return list(islice(found, limit))

    def _of_shard(self, shard_id: str, period: Period, *, failed_only: bool) -> Iterator[ReportedBatch]:
        values = {
            ":shard": {"S": shard_id},
            ":start": {"S": _text(period.start, "0")},
            ":end": {"S": _text(period.end, "9")},
        }
        condition = "shard_id = :shard AND processed_at BETWEEN :start AND :end"
        asked: dict[str, Any] = {"KeyConditionExpression": condition, "ExpressionAttributeValues": values}
        if failed_only:
            asked["FilterExpression"] = "failed_records > :none"
            values[":none"] = {"N": "0"}
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table, IndexName=SHARD_INDEX, ScanIndexForward=False, **asked
        )
        for page in pages:
            yield from map(ReportedBatch.of_item, page["Items"])


def _text(moment: datetime | None, otherwise: str) -> str:
    """Return a moment as it sorts among those of the table: without an offset, it lies before all of that second."""
    return otherwise if moment is None else moment.replace(tzinfo=None).isoformat()
