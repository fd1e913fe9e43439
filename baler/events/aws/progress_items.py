"""How frontiers and batches are written as items of the table `progress`.

| key `sk` | what it is | attributes |
| --- | --- | --- |
| `frontier` | the frontier of a shard | `last` |
| `batch#<last>` | a committed batch | those of `CommittedBatch`, `processed`, `expires_at` |
| `run#<sequence number>` | runs with a single record that did not end | `runs`, `expires_at` |

The key `pk` is the shard's `ShardKey` as text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from baler.events.stream.committed_batch import CommittedBatch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from baler.events.stream.shard_key import ShardKey

PARTITION: Final = "pk"
SORT: Final = "sk"
TTL: Final = "expires_at"
FRONTIER: Final = "frontier"
LAST: Final = "last"
PROCESSED: Final = "processed"
BATCH_PREFIX: Final = "batch#"
RUN_PREFIX: Final = "run#"

Item = dict[str, "AttributeValueTypeDef"]


def frontier_key(shard: ShardKey) -> Item:
    """Return the key of a shard's frontier."""
    return _key(shard, FRONTIER)


def batch_key(shard: ShardKey, last: str) -> Item:
    """Return the key of the batch that ends with a sequence number."""
    return _key(shard, f"{BATCH_PREFIX}{last}")


def run_key(shard: ShardKey, sequence_number: str) -> Item:
    """Return the key of the runs with a record."""
    return _key(shard, f"{RUN_PREFIX}{sequence_number}")


def batch_item(batch: CommittedBatch, expires_at: int | None = None) -> Item:
    """Return the item of a batch; `expires_at` in seconds since the epoch, None to keep it for ever."""
    item: Item = {
        **batch_key(batch.shard, batch.last),
        "after": {"S": batch.after},
        "first": {"S": batch.first},
        "objects": {"L": [{"S": key} for key in batch.objects]},
        "events": {"N": str(batch.events)},
        "rejections": {"N": str(batch.rejections)},
        # As Python writes it, so that it is read as the very same number.
        "arrived_at": {"N": repr(batch.arrived_at)},
    }
    if batch.rejected is not None:
        item["rejected"] = {"S": batch.rejected}
    if expires_at is not None:
        item[TTL] = {"N": str(expires_at)}
    return item


def batch_of(item: Mapping[str, AttributeValueTypeDef], shard: ShardKey) -> CommittedBatch:
    """Return the batch of an item.

    Raises:
        KeyError, ValueError: this is no item of a batch.
    """
    sort = item[SORT].get("S", "")
    if not sort.startswith(BATCH_PREFIX):
        raise ValueError("the item is of no batch")
    return CommittedBatch(
        shard=shard,
        after=item["after"].get("S", ""),
        first=item["first"].get("S", ""),
        last=sort.removeprefix(BATCH_PREFIX),
        objects=tuple(each.get("S", "") for each in item["objects"].get("L", ())),
        rejected=item["rejected"].get("S", "") if "rejected" in item else None,
        events=int(item["events"].get("N", "0")),
        rejections=int(item["rejections"].get("N", "0")),
        arrived_at=float(item["arrived_at"].get("N", "0")),
    )


def processed_in(item: Mapping[str, AttributeValueTypeDef]) -> frozenset[str]:
    """Return the `object_mark`s of the objects of a batch that are processed."""
    return frozenset(item.get(PROCESSED, {}).get("SS", ()))


def object_mark(key: str) -> str:
    """Return what stands for a raw object in its batch's `processed`: the hash that its key ends with.

    The keys themselves would make an item of 1,000 objects larger than DynamoDB takes (400 KB).
    """
    return key.removesuffix(".json").rpartition("_")[2]


def _key(shard: ShardKey, sort: str) -> Item:
    return {PARTITION: {"S": str(shard)}, SORT: {"S": sort}}
