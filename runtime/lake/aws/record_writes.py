"""What curation writes, in DynamoDB's words, and what it answers to a transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from baler.lake.aws.record_items import (
    CAPTURED_AT,
    CHANGED_AT,
    CHANGES,
    COUNT,
    DOCUMENT,
    EXPIRES_AT,
    FINGERPRINT,
    GENERATION,
    ID,
    OTHER_SEEN,
    PROCESSED_AT,
    RAW_S3_KEY,
    SEEN,
    SOURCE,
    Item,
    attribute,
    counter_key,
    expiry,
    other_seen_order,
    other_seen_text,
    seen_order,
    seen_text,
)
from baler.lake.counters import Day
from baler.lake.order import Order, read_time, written_time
from runtime.lake.curation.sighting import Known
from runtime.lake.curation.transaction import Cancelled, Insert, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from baler.lake.counters import Count
    from baler.lake.retention import Retention
    from runtime.lake.curation.sighting import Sighting
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


@dataclass(frozen=True, slots=True)
class WriteTime:
    """What a time means for all that is written at it.

    Attributes:
        now: the time. It is part of a transaction, which under its name must stay the same in every try.
        retention: of records.
    """

    now: datetime
    retention: Retention

    def expiry(self, day: date) -> Item:
        """Return the attribute that says when what belongs to a day is over."""
        return expiry(self.retention.expires_at(day))


def record_item(sighting: Sighting, known: Known, time: WriteTime) -> Item:
    """Return a record's item.

    Args:
        sighting: the newest, which brings the content.
        known: of the record, the sighting included.
        time: of writing it.
    """
    item: Item = {name: attribute(value) for name, value in sighting.fields.items()}
    item |= known_attributes(known) | time.expiry(known.day)
    item |= {
        ID: {"S": sighting.id},
        SOURCE: {"S": sighting.source},
        RAW_S3_KEY: {"S": sighting.raw_s3_key},
        PROCESSED_AT: {"S": written_time(time.now)},
    }
    if sighting.document is not None:
        item[DOCUMENT] = {"S": sighting.document}
    return item


def known_attributes(known: Known) -> Item:
    """Return the attributes of a record that sightings are compared with."""
    return {
        FINGERPRINT: {"S": known.fingerprint},
        SEEN: {"S": seen_text(known.seen)},
        CHANGED_AT: {"S": written_time(known.changed.captured_at)},
        GENERATION: {"N": str(known.changed.generation)},
        OTHER_SEEN: {"S": other_seen_text(known.other)},
        CAPTURED_AT: {"S": written_time(known.captured_at)},
    }


def known_in(item: Mapping[str, Any]) -> Known:
    """Return what a record's item says that sightings are compared with.

    Raises:
        ValueError, KeyError: it is no record.
    """
    return Known(
        id=item[ID]["S"],
        fingerprint=item[FINGERPRINT]["S"],
        seen=seen_order(item[SEEN]["S"]),
        changed=Order(read_time(item[CHANGED_AT]["S"]), int(item[GENERATION]["N"])),
        other=other_seen_order(item[OTHER_SEEN]["S"]),
        captured_at=read_time(item[CAPTURED_AT]["S"]),
    )


def transaction_items(transaction: Transaction, records: str, counters: str, time: WriteTime) -> list[dict[str, Any]]:
    """Return the items of a transaction: its writes first, in their order, and then its counts."""
    writes = [_write(each, records, time) for each in transaction.writes]
    return writes + [_count(each, counters, time) for each in transaction.counts]


def as_known(known: Known) -> dict[str, Any]:
    """Return the condition that a record is just as it was read."""
    attributes = known_attributes(known)
    return {
        "ConditionExpression": " AND ".join(f"#{name} = :{name}" for name in attributes),
        "ExpressionAttributeNames": {f"#{name}": name for name in attributes},
        "ExpressionAttributeValues": {f":{name}": value for name, value in attributes.items()},
    }


def as_stamped(before: Known, after: Known, time: WriteTime, raw_s3_key: str | None = None) -> dict[str, Any]:
    """Return an update of what is known of a record, on condition that it is just as it was read.

    Args:
        before: as it was read.
        after: what is known now.
        time: of writing it.
        raw_s3_key: of the newest raw object, where that is another; None leaves it.
    """
    request = as_known(before)
    former = known_attributes(before)
    changed: Item = {name: value for name, value in known_attributes(after).items() if former[name] != value}
    if after.day != before.day:
        changed |= time.expiry(after.day)
    if raw_s3_key is not None:
        changed[RAW_S3_KEY] = {"S": raw_s3_key}
    return {
        "Key": {ID: {"S": before.id}},
        "UpdateExpression": "SET " + ", ".join(f"#{name} = :new_{name}" for name in changed),
        "ConditionExpression": request["ConditionExpression"],
        "ExpressionAttributeNames": request["ExpressionAttributeNames"] | {f"#{name}": name for name in changed},
        "ExpressionAttributeValues": request["ExpressionAttributeValues"]
        | {f":new_{name}": value for name, value in changed.items()},
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


def _write(write: Insert | Move, records: str, time: WriteTime) -> dict[str, Any]:
    if isinstance(write, Insert):
        return {
            "Put": {
                "TableName": records,
                "Item": record_item(write.sighting, Known.of(write.sighting), time),
                # One that is over may still be there.
                "ConditionExpression": "attribute_not_exists(#id) OR #expires_at <= :now",
                "ExpressionAttributeNames": {"#id": ID, "#expires_at": EXPIRES_AT},
                "ExpressionAttributeValues": {":now": {"N": str(int(time.now.timestamp()))}},
            }
        }
    return {"Update": {"TableName": records, **as_stamped(write.before, write.after, time)}}


def _count(count: Count, counters: str, time: WriteTime) -> dict[str, Any]:
    names = {"#n": COUNT, "#changes": CHANGES}
    values = {":by": {"N": str(count.by)}, ":one": {"N": "1"}}
    update = "ADD #n :by, #changes :one"
    if isinstance(count.of, Day) and (until := time.expiry(count.of.day)):
        update += " SET #expires_at = :expires_at"
        names["#expires_at"] = EXPIRES_AT
        values[":expires_at"] = until[EXPIRES_AT]
    return {
        "Update": {
            "TableName": counters,
            "Key": counter_key(count.of, count.shard),
            "UpdateExpression": update,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
        }
    }
