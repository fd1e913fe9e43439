"""Frontiers and batches in DynamoDB."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, Final, cast

from botocore.exceptions import ClientError

from baler.aws.attempts import ATTEMPTS, attempt
from baler.aws.deadline import until
from baler.aws.faults import code_of
from baler.aws.http.client import Service
from baler.events.aws.progress_items import (
    LAST,
    PARTITION,
    PROCESSED,
    batch_item,
    batch_key,
    batch_of,
    frontier_key,
    object_mark,
    processed_in,
)
from baler.events.stream.frontier import BEGINNING

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_dynamodb import DynamoDBClient

    from baler.aws.http.dynamodb import HttpDynamoDb
    from baler.events.aws.progress_items import Item
    from baler.events.stream.committed_batch import CommittedBatch
    from baler.events.stream.shard_key import ShardKey

_REFUSED: Final = "ConditionalCheckFailedException"
_CANCELLED: Final = "TransactionCanceledException"
# Reasons of a cancelled transaction that pass, and the errors by which a single write says the same.
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
_PASSES: Final = {
    "TransactionConflict": "TransactionConflictException",
    "ThrottlingError": "ThrottlingException",
    "ProvisionedThroughputExceeded": "ProvisionedThroughputExceededException",
}


class DynamoProgressTable:
    """The StreamTable port (see baler/events/stream/ports.py).

    Args:
        client: boto3's, or `baler.aws.http`'s.
        table: the table's name.
        deadline: when its calls must be over, seconds since the epoch.
        batch_days: for how many days the batches that are committed are kept; 0 for ever. At least as long as the raw
            objects that they list: what no batch lists is not read.
        clock: the time, seconds since the epoch.
    """

    def __init__(
        self,
        client: DynamoDBClient | HttpDynamoDb,
        table: str,
        deadline: float = math.inf,
        *,
        batch_days: int = 0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        # Both have the same calls, but boto3's types know only literal arguments.
        self._client: Any = until(client, deadline)
        self._table = table
        self._deadline = deadline
        self._batch_days = batch_days
        self._clock = clock
        # boto3's, which the `baler` command has, tries again by itself.
        self._attempts = ATTEMPTS if isinstance(client, Service) else 1

    def frontier(self, shard: ShardKey) -> str:
        """Read a shard's frontier."""
        item = self._read("read a frontier", frontier_key(shard))
        return BEGINNING if item is None else item[LAST].get("S", BEGINNING)

    def batch(self, shard: ShardKey, last: str) -> CommittedBatch | None:
        """Read the batch that ends with a sequence number."""
        item = self._read("read a batch", batch_key(shard, last))
        return None if item is None else batch_of(item, shard)

    def processed(self, shard: ShardKey, last: str) -> frozenset[str]:
        """Return the `object_mark`s of the objects of a batch that are noted as processed."""
        item = self._read("read a batch", batch_key(shard, last))
        return frozenset() if item is None else processed_in(item)

    def commit(self, batch: CommittedBatch) -> bool:
        """Move the frontier and write the batch, in one transaction.

        It carries no token: an attempt whose answer was lost refuses the next by its own frontier, and
        `baler.events.stream.commit` reads that. A token would only save that read, and lasts ten minutes.
        """
        return self._transact(self._commit_writes(batch))

    def note_processed(self, shard: ShardKey, last: str, key: str) -> None:
        """Add an object to those of its batch that are processed; a batch that has expired stays gone."""

        def write() -> None:
            try:
                self._client.update_item(
                    TableName=self._table,
                    Key=batch_key(shard, last),
                    UpdateExpression="ADD #processed :object",
                    ConditionExpression="attribute_exists(#partition)",
                    ExpressionAttributeNames={"#processed": PROCESSED, "#partition": PARTITION},
                    ExpressionAttributeValues={":object": {"SS": [object_mark(key)]}},
                )
            except ClientError as error:
                if code_of(error) != _REFUSED:
                    raise

        attempt("note a processed object", write, self._deadline, self._attempts)

    def _transact(self, writes: list[dict[str, Any]]) -> bool:
        """Write all or nothing; return False where a condition does not hold."""

        def write() -> bool:
            try:
                self._client.transact_write_items(TransactItems=writes)
            except ClientError as error:
                if code_of(error) != _CANCELLED:
                    raise
                return _refused(error)
            return True

        return attempt("commit a batch", write, self._deadline, self._attempts)

    def _commit_writes(self, batch: CommittedBatch) -> list[dict[str, Any]]:
        item = batch_item(batch, self._expires_at())
        return [self._frontier_update(batch), {"Put": {"TableName": self._table, "Item": item}}]

    def _expires_at(self) -> int | None:
        return int(self._clock()) + self._batch_days * 86_400 if self._batch_days else None

    def _frontier_update(self, batch: CommittedBatch) -> dict[str, Any]:
        values: Item = {":last": {"S": batch.last}}
        condition = "attribute_not_exists(#last)"
        if batch.after != BEGINNING:
            condition = "#last = :after"
            values[":after"] = {"S": batch.after}
        return {
            "Update": {
                "TableName": self._table,
                "Key": frontier_key(batch.shard),
                "UpdateExpression": "SET #last = :last",
                "ConditionExpression": condition,
                "ExpressionAttributeNames": {"#last": LAST},
                "ExpressionAttributeValues": values,
            }
        }

    def _read(self, what: str, key: Item) -> Item | None:
        def get() -> Item | None:
            return self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")

        return attempt(what, get, self._deadline, self._attempts)


def _refused(error: ClientError) -> bool:
    """Say False of a transaction whose condition failed; raise what a single write would say of any other.

    All that is in `CancellationReasons` is judged: beside a condition that failed, the other write has the reason
    "None", but it may be the conflict with another transaction that stands there alone.
    """
    reasons = cast("list[dict[str, Any]]", error.response.get("CancellationReasons", []))
    codes = {str(reason.get("Code", "None")) for reason in reasons} - {"None"}
    if "ConditionalCheckFailed" in codes:
        return False
    passing = [_PASSES[code] for code in sorted(codes) if code in _PASSES]
    if len(passing) < len(codes) or not codes:
        raise error
    response: Any = {**error.response, "Error": {**error.response.get("Error", {}), "Code": passing[0]}}
    raise ClientError(response, error.operation_name) from error
