"""The table of batches that requirement document 5 asks for: a report for people, beside the protocol's own table."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from baler.aws.attempts import attempt
from baler.aws.deadline import until

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from baler.aws.http.dynamodb import HttpDynamoDb
    from baler.events.stream.committed_batch import CommittedBatch

_DAY_SECONDS = 86_400


class DynamoBatchTable:
    """The table of batches. Nothing reads it to decide anything.

    Args:
        client: `baler.aws.http`'s.
        table: the table's name.
        days: how long an item is kept, from the arrival of the batch's last record on.
        deadline: when its calls must be over, seconds since the epoch.
    """

    def __init__(self, client: HttpDynamoDb, table: str, days: int, deadline: float = math.inf) -> None:
        self._client = until(client, deadline)
        self._table = table
        self._days = days
        self._deadline = deadline

    def put(self, batch: CommittedBatch) -> None:
        """Write a batch; writing it again, at any time, changes nothing.

        Raises:
            Unavailable: the table does not answer.
        """
        item = batch_report_item(batch, self._days)
        attempt("report a batch", lambda: self._client.put_item(TableName=self._table, Item=item), self._deadline)


def batch_report_item(batch: CommittedBatch, days: int) -> Mapping[str, AttributeValueTypeDef]:
    """Return the item of a batch, with the document's names; nothing in it depends on when it is written.

    `processed_at` is the arrival of the last record, so that a retry meets its own item.
    """
    arrival = datetime.fromtimestamp(batch.arrived_at, UTC)
    return {
        "batch_id": {"S": f"{batch.shard.label}_{batch.first}_{batch.last}"},
        "processed_at": {"S": arrival.isoformat(timespec="milliseconds").replace("+00:00", "Z")},
        "shard_id": {"S": batch.shard.shard_id},
        "total_records": {"N": str(batch.events + batch.rejections)},
        "success_records": {"N": str(batch.events)},
        "failed_records": {"N": str(batch.rejections)},
        "partitions_count": {"N": str(len(batch.objects))},
        "ttl": {"N": str(int(batch.arrived_at) + days * _DAY_SECONDS)},
    }
