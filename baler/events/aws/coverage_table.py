"""Frontiers and batches in DynamoDB, with what was recovered of a shard.

Beside what baler/events/aws/progress_items.py lists, a shard from which records were recovered has these items:

| key `sk` | what it is | attributes |
| --- | --- | --- |
| `recovered#<last>` | the span of a pseudo-shard's batch | `first`, `shard` (its label), `expires_at` |
| `recoveries` | how many of these were ever committed | `version` |
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from baler.aws.attempts import attempt
from baler.events.aws.progress_items import (
    BATCH_PREFIX,
    LAST,
    PARTITION,
    SORT,
    TTL,
    Item,
    batch_item,
    batch_of,
    frontier_key,
)
from baler.events.aws.progress_table import DynamoProgressTable
from baler.events.recovery.fence import is_fence
from baler.events.recovery.pseudo_shard import origin_of
from baler.events.recovery.span import Span
from baler.events.stream.shard_key import ShardKey

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from baler.events.stream.committed_batch import CommittedBatch

RECOVERED_PREFIX: Final = "recovered#"
RECOVERIES: Final = "recoveries"
PAGE_ITEMS: Final = 100
_VERSION: Final = "version"
_FIRST: Final = "first"
# Behind each prefix and its digits.
_BEHIND_DIGITS: Final = ":"


class DynamoCoverageTable(DynamoProgressTable):
    """The CoverageTable port (see baler/events/recovery/ports.py); its client is boto3's."""

    def recoveries(self, shard: ShardKey) -> int:
        """Read how many batches were recovered for a shard."""
        item = self._read("read what was recovered", recoveries_key(shard))
        return 0 if item is None else int(item[_VERSION].get("N", "0"))

    def covered(self, shard: ShardKey, span: Span) -> Sequence[Span]:
        """Query the batches that end in the span or behind it, up to the first that begins behind it."""
        return [*self._spans(shard, BATCH_PREFIX, span), *self._spans(shard, RECOVERED_PREFIX, span)]

    def batches_over(self, shard: ShardKey, span: Span) -> Sequence[CommittedBatch]:
        """Read the batches whose spans overlap one."""
        own = [self.batch(shard, each.last) for each in self._spans(shard, BATCH_PREFIX, span)]
        labels = [(item["shard"].get("S", ""), each.last) for item, each in self._items(shard, RECOVERED_PREFIX, span)]
        recovered = [self.batch(ShardKey.of_label(shard.stream, label), last) for label, last in labels]
        return sorted((batch for batch in (*own, *recovered) if batch), key=lambda batch: batch.first)

    def commit_recovery(self, batch: CommittedBatch, origin: ShardKey, recoveries: int) -> bool:
        """Commit a batch, note its span and count it, in one transaction."""
        return self._transact([*self._commit_writes(batch), *self._recovery_writes(batch, origin, recoveries)])

    def batches_since(self, shard: ShardKey, since: float) -> Iterator[CommittedBatch]:
        """Yield the batches of a shard, and those recovered for it, whose last record arrived at a time or later.

        Newest first; `since` in seconds since the epoch. Fences are left out.

        Raises:
            Unavailable: the table does not answer.
        """
        for item in self._newest(shard, BATCH_PREFIX):
            batch = batch_of(item, shard)
            if batch.arrived_at < since:
                break
            if not is_fence(batch):
                yield batch
        for item in self._newest(shard, RECOVERED_PREFIX):
            label, last = item["shard"].get("S", ""), item[SORT].get("S", "").removeprefix(RECOVERED_PREFIX)
            batch = self.batch(ShardKey.of_label(shard.stream, label), last)
            if batch is not None and batch.arrived_at >= since:
                yield batch

    def _newest(self, shard: ShardKey, prefix: str) -> Iterator[Item]:
        request: dict[str, Any] = {
            "TableName": self._table,
            "ConsistentRead": True,
            "ScanIndexForward": False,
            "KeyConditionExpression": "#partition = :shard AND begins_with(#sort, :prefix)",
            "ExpressionAttributeNames": {"#partition": PARTITION, "#sort": SORT},
            "ExpressionAttributeValues": {":shard": {"S": str(shard)}, ":prefix": {"S": prefix}},
            "Limit": PAGE_ITEMS,
        }
        start: Mapping[str, Any] | None = {}
        while start is not None:
            asked = {**request, **({"ExclusiveStartKey": start} if start else {})}
            page = attempt(
                "read batches", lambda asked=asked: self._client.query(**asked), self._deadline, self._attempts
            )
            yield from page["Items"]
            start = page.get("LastEvaluatedKey")

    def restore(self, batch: CommittedBatch) -> bool:
        """Write a batch that was lost, where it is not there; it moves no frontier.

        That of a pseudo-shard is noted on its origin too. Return whether it was written.
        """
        condition = {"ConditionExpression": "attribute_not_exists(#sort)", "ExpressionAttributeNames": {"#sort": SORT}}
        put = {"TableName": self._table, "Item": batch_item(batch, self._expires_at()), **condition}
        writes: list[dict[str, Any]] = [{"Put": put}]
        if (origin := origin_of(batch.shard)) is not None:
            writes += self._recovery_writes(batch, origin, self.recoveries(origin))
        return self._transact(writes)

    def raise_frontier(self, shard: ShardKey, last: str) -> bool:
        """Move a frontier forward, never back; return whether it moved."""
        write = {
            "TableName": self._table,
            "Key": frontier_key(shard),
            "UpdateExpression": "SET #last = :last",
            "ConditionExpression": "attribute_not_exists(#last) OR #last < :last",
            "ExpressionAttributeNames": {"#last": LAST},
            "ExpressionAttributeValues": {":last": {"S": last}},
        }
        return self._transact([{"Update": write}])

    def _recovery_writes(self, batch: CommittedBatch, origin: ShardKey, recoveries: int) -> list[dict[str, Any]]:
        span: Item = {
            **_key(origin, f"{RECOVERED_PREFIX}{batch.last}"),
            _FIRST: {"S": batch.first},
            "shard": {"S": batch.shard.label},
        }
        if (expires_at := self._expires_at()) is not None:
            span[TTL] = {"N": str(expires_at)}
        values: Item = {":next": {"N": str(recoveries + 1)}}
        condition = "attribute_not_exists(#version)"
        if recoveries:
            condition = "#version = :read"
            values[":read"] = {"N": str(recoveries)}
        count = {
            "TableName": self._table,
            "Key": recoveries_key(origin),
            "UpdateExpression": "SET #version = :next",
            "ConditionExpression": condition,
            "ExpressionAttributeNames": {"#version": _VERSION},
            "ExpressionAttributeValues": values,
        }
        return [{"Put": {"TableName": self._table, "Item": span}}, {"Update": count}]

    def _spans(self, shard: ShardKey, prefix: str, span: Span) -> Iterator[Span]:
        return (each for _, each in self._items(shard, prefix, span))

    def _items(self, shard: ShardKey, prefix: str, span: Span) -> Iterator[tuple[Item, Span]]:
        start: Mapping[str, AttributeValueTypeDef] | None = {}
        while start is not None:
            page = self._page(shard, prefix, span, start)
            for item in page["Items"]:
                # A fence covers nothing.
                if prefix == BATCH_PREFIX and not int(item["events"]["N"]) + int(item["rejections"]["N"]):
                    continue
                found = Span(item[_FIRST]["S"], item[SORT]["S"].removeprefix(prefix))
                if found.first > span.last:
                    return
                yield item, found
            start = page.get("LastEvaluatedKey")

    def _page(self, shard: ShardKey, prefix: str, span: Span, start: Mapping[str, Any]) -> dict[str, Any]:
        request = {
            "TableName": self._table,
            "ConsistentRead": True,
            "KeyConditionExpression": "#partition = :shard AND #sort BETWEEN :first AND :end",
            "ProjectionExpression": "#sort, #first, #shard, events, rejections",
            "ExpressionAttributeNames": {
                "#partition": PARTITION,
                "#sort": SORT,
                "#first": _FIRST,
                "#shard": "shard",
            },
            "ExpressionAttributeValues": {
                ":shard": {"S": str(shard)},
                ":first": {"S": f"{prefix}{span.first}"},
                ":end": {"S": f"{prefix}{_BEHIND_DIGITS}"},
            },
            # Batches do not overlap: what is asked for are those that end in the span, and one behind.
            "Limit": PAGE_ITEMS,
            **({"ExclusiveStartKey": start} if start else {}),
        }
        return attempt("read what is covered", lambda: self._client.query(**request), self._deadline, self._attempts)


def recoveries_key(shard: ShardKey) -> Item:
    """Return the key of the count of what was recovered for a shard."""
    return _key(shard, RECOVERIES)


def _key(shard: ShardKey, sort: str) -> Item:
    return {PARTITION: {"S": str(shard)}, SORT: {"S": sort}}
