"""What curation writes, in DynamoDB's words, and what it answers to a transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from baler.lake.aws.record_items import (
    CHANGES,
    COUNT,
    FINGERPRINT,
    FIRST_DATE,
    ID,
    SEEN,
    Item,
    attribute,
    counter_key,
    seen_text,
)
from baler.lake.order import written_time
from runtime.lake.curation.transaction import Cancelled, Insert, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from baler.lake.counters import Count
    from runtime.lake.curation.sighting import Known, Sighting
    from runtime.lake.curation.transaction import Move, Transaction

# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
_REASONS: Final = {
    "None": Reason.NONE,
    "ConditionalCheckFailed": Reason.RACED,
    "ValidationError": Reason.INVALID,
    "ItemCollectionSizeLimitExceeded": Reason.INVALID,
    "TransactionConflict": Reason.PASSING,
    "ProvisionedThroughputExceeded": Reason.PASSING,
    "ThrottlingError": Reason.PASSING,
}


def record_item(sighting: Sighting, first_day: date, processed_at: datetime) -> Item:
    """Return a record's item."""
    item: Item = {name: attribute(value) for name, value in sighting.fields.items()}
    item |= {
        ID: {"S": sighting.id},
        "source": {"S": sighting.source},
        "captured_at": {"S": written_time(sighting.order.captured_at)},
        "generation": {"N": str(sighting.order.generation)},
        FINGERPRINT: {"S": sighting.fingerprint},
        "raw_s3_key": {"S": sighting.raw_s3_key},
        FIRST_DATE: {"S": first_day.isoformat()},
        SEEN: {"S": seen_text(sighting.order)},
        "processed_at": {"S": written_time(processed_at)},
    }
    if sighting.document is not None:
        item["document"] = {"S": sighting.document}
    return item


def transaction_items(
    transaction: Transaction, records: str, counters: str, processed_at: datetime
) -> list[dict[str, Any]]:
    """Return the items of a transaction: its writes first, in their order, and then its counts."""
    writes = [_write(each, records, processed_at) for each in transaction.writes]
    return writes + [_count(each, counters) for each in transaction.counts]


def as_known(known: Known) -> dict[str, Any]:
    """Return the condition that a record is just as it was read."""
    return {
        "ConditionExpression": "#seen = :seen AND #fingerprint = :fingerprint AND #first = :first",
        "ExpressionAttributeNames": {"#seen": SEEN, "#fingerprint": FINGERPRINT, "#first": FIRST_DATE},
        "ExpressionAttributeValues": {
            ":seen": {"S": seen_text(known.seen)},
            ":fingerprint": {"S": known.fingerprint},
            ":first": {"S": known.first_day.isoformat()},
        },
    }


def cancelled(reasons: Sequence[Mapping[str, Any]], writes: int) -> Cancelled:
    """Return what a cancellation says.

    Args:
        reasons: as DynamoDB gives them, one for each item; a word that is new to us is as good as a conflict.
        writes: how many of the items are writes of records; what follows are counts.
    """
    read = [_REASONS.get(str(each.get("Code", "None")), Reason.PASSING) for each in reasons]
    if len(read) < writes:  # cut off, or not there at all: nothing is known of any item
        return Cancelled([Reason.PASSING] * writes, Reason.NONE)
    of_counts = set(read[writes:]) - {Reason.NONE}
    return Cancelled(read[:writes], Reason.PASSING if of_counts else Reason.NONE)


def _write(write: Insert | Move, records: str, processed_at: datetime) -> dict[str, Any]:
    if isinstance(write, Insert):
        return {
            "Put": {
                "TableName": records,
                "Item": record_item(write.sighting, write.sighting.day, processed_at),
                "ConditionExpression": "attribute_not_exists(#id)",
                "ExpressionAttributeNames": {"#id": ID},
            }
        }
    return {
        "Update": {
            "TableName": records,
            "Key": {ID: {"S": write.id}},
            "UpdateExpression": "SET #first = :after",
            "ConditionExpression": "#first = :before",
            "ExpressionAttributeNames": {"#first": FIRST_DATE},
            "ExpressionAttributeValues": {
                ":before": {"S": write.before.isoformat()},
                ":after": {"S": write.after.isoformat()},
            },
        }
    }


def _count(count: Count, counters: str) -> dict[str, Any]:
    return {
        "Update": {
            "TableName": counters,
            "Key": counter_key(count.of, count.shard),
            "UpdateExpression": "ADD #n :by, #changes :one",
            "ExpressionAttributeNames": {"#n": COUNT, "#changes": CHANGES},
            "ExpressionAttributeValues": {":by": {"N": str(count.by)}, ":one": {"N": "1"}},
        }
    }
