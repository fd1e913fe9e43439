"""Frontiers and batches in DynamoDB, as the sweeper reads them: batches in pages, since most objects are listed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from baler.aws.attempts import attempt
from baler.events.aws.coverage_table import DynamoCoverageTable
from baler.events.aws.progress_items import BATCH_PREFIX, PARTITION, SORT, batch_of

if TYPE_CHECKING:
    from baler.events.stream.committed_batch import CommittedBatch
    from baler.events.stream.shard_key import ShardKey

_PAGE_BATCHES: Final = 100
# Behind each prefix and its digits.
_BEHIND_DIGITS: Final = ":"


@dataclass(frozen=True, slots=True)
class _Page:
    """The batches of a shard that end from one sequence number to another, both included."""

    shard: ShardKey
    first: str
    last: str
    batches: dict[str, CommittedBatch] = field(repr=False)


class DynamoSweepTable(DynamoCoverageTable):
    """The SweepTable port (see runtime/events/sweeper/ports.py); its client is boto3's.

    The objects of a folder come in the order of shards and sequence numbers, and so do the batches: a query brings the
    next hundred. What a page does not have was not committed when it was read, and a frontier that was read
    before says whether it may be since.
    """

    _page_read: _Page | None = None

    @override
    def batch(self, shard: ShardKey, last: str) -> CommittedBatch | None:
        page = self._page_read
        if page is None or page.shard != shard or not page.first <= last <= page.last:
            page = self._page_read = self._read_page(shard, last)
        return page.batches.get(last)

    def _read_page(self, shard: ShardKey, first: str) -> _Page:
        request: dict[str, Any] = {
            "TableName": self._table,
            "ConsistentRead": True,
            "KeyConditionExpression": "#partition = :shard AND #sort BETWEEN :first AND :end",
            "ExpressionAttributeNames": {"#partition": PARTITION, "#sort": SORT},
            "ExpressionAttributeValues": {
                ":shard": {"S": str(shard)},
                ":first": {"S": f"{BATCH_PREFIX}{first}"},
                ":end": {"S": f"{BATCH_PREFIX}{_BEHIND_DIGITS}"},
            },
            "Limit": _PAGE_BATCHES,
        }
        answer = attempt("read batches", lambda: self._client.query(**request), self._deadline, self._attempts)
        batches = {batch.last: batch for batch in (batch_of(item, shard) for item in answer["Items"])}
        return _Page(shard, first, max(batches, default=first), batches)
