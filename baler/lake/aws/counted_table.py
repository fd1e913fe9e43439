"""Records and counters as an operator compares them: read whole, and corrected on condition."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from baler.aws.attempts import attempt
from baler.aws.faults import code_of
from baler.lake.aws.named_table import named_table
from baler.lake.aws.record_items import (
    CAPTURED_AT,
    CHANGES,
    COUNT,
    COUNTER,
    EXPIRES_AT,
    SOURCE,
    counter_key,
    counter_of,
    is_over,
)
from baler.lake.counters import SHARDS, Day
from baler.lake.order import read_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mypy_boto3_dynamodb import DynamoDBClient

    from baler.lake.counters import Counted, CounterItem

_CANCELLED: Final = "TransactionCanceledException"
# Why a transaction that something has got ahead of was cancelled; all else of its reasons is an error.
_CHANGED: Final = frozenset({"None", "ConditionalCheckFailed", "TransactionConflict"})


class DynamoCountedTable:
    """The CountedTable port (see baler/lake/verification.py), for a command.

    Reading raises boto3's own errors, and Refused where a table is another one.

    Args:
        client: boto3's.
        records, counters: names of the two tables.
        clock: the time, seconds since the epoch.
    """

    def __init__(
        self, client: DynamoDBClient, records: str, counters: str, *, clock: Callable[[], float] = time.time
    ) -> None:
        # boto3's types know only literal arguments.
        self._client: Any = client
        self._records = records
        self._counters = counters
        self._clock = clock
        # When days are over, seconds since the epoch: an item that a correction makes ends with the others of its day.
        self._ends: dict[Counted, str] = {}

    def days(self) -> Iterator[Day]:
        """Scan the records."""
        names = (SOURCE, CAPTURED_AT, EXPIRES_AT)
        with named_table(self._records, "records"):
            for item in self._scan(
                self._records,
                ProjectionExpression=", ".join(f"#{name}" for name in names),
                ExpressionAttributeNames={f"#{name}": name for name in names},
            ):
                day = Day(item[SOURCE]["S"], read_time(item[CAPTURED_AT]["S"]).date())
                self._note_end(day, item)
                yield day

    def counters(self) -> Sequence[CounterItem]:
        """Scan the counters."""
        with named_table(self._counters, "counters"):
            items = list(self._scan(self._counters))
            found = [counter_of(item) for item in items]
        for counter, item in zip(found, items, strict=True):
            self._note_end(counter.of, item)
        return found

    def correct(self, counted: Counted, by: int, unchanged: Sequence[CounterItem]) -> bool:
        """Add to the first item, in a transaction that checks all that the counter could have."""
        there = {item.shard: item for item in unchanged}
        first, *others = range(SHARDS)
        add: dict[str, Any] = {
            "UpdateExpression": "ADD #n :by, #changes :one",
            "ExpressionAttributeNames": {"#n": COUNT, "#changes": CHANGES, "#pk": COUNTER},
            "ExpressionAttributeValues": {":by": {"N": str(by)}, ":one": {"N": "1"}},
        }
        if (end := self._ends.get(counted)) is not None:
            add["UpdateExpression"] += " SET #end = :end"
            add["ExpressionAttributeNames"]["#end"] = EXPIRES_AT
            add["ExpressionAttributeValues"][":end"] = {"N": end}
        items = [{"Update": _merged(add, self._as_it_was(counted, first, there.get(first)))}]
        items += [{"ConditionCheck": self._as_it_was(counted, each, there.get(each))} for each in others]
        token = str(uuid.uuid4())

        def write() -> bool:
            try:
                self._client.transact_write_items(TransactItems=items, ClientRequestToken=token)
            except ClientError as error:
                if code_of(error) != _CANCELLED:
                    raise
                response: Any = error.response
                reasons = {str(each.get("Code", "None")) for each in response.get("CancellationReasons", [])}
                if not reasons <= _CHANGED:
                    raise
                return False
            return True

        return attempt("correct a counter", write, float("inf"))

    def _note_end(self, counted: Counted, item: dict[str, Any]) -> None:
        if EXPIRES_AT in item:
            self._ends[counted] = item[EXPIRES_AT]["N"]

    def _as_it_was(self, counted: Counted, shard: int, item: CounterItem | None) -> dict[str, Any]:
        """Return the condition that an item of a counter is as it was read, or still missing."""
        request: dict[str, Any] = {"TableName": self._counters, "Key": counter_key(counted, shard)}
        if item is None:
            return request | {
                "ConditionExpression": "attribute_not_exists(#pk)",
                "ExpressionAttributeNames": {"#pk": COUNTER},
            }
        return request | {
            "ConditionExpression": "#n = :n AND #changes = :changes",
            "ExpressionAttributeNames": {"#n": COUNT, "#changes": CHANGES},
            "ExpressionAttributeValues": {":n": {"N": str(item.n)}, ":changes": {"N": str(item.changes)}},
        }

    def _scan(self, table: str, **projection: Any) -> Iterator[dict[str, Any]]:
        """Yield items, but for those that are over: DynamoDB deletes them hours or days later."""
        pages = self._client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True, **projection)
        for page in pages:
            yield from (item for item in page["Items"] if not is_over(item, self._clock()))


def _merged(update: dict[str, Any], condition: dict[str, Any]) -> dict[str, Any]:
    """Return an update with a condition, of which both have names and values of their own."""
    names = update["ExpressionAttributeNames"] | condition["ExpressionAttributeNames"]
    used = f"{update['UpdateExpression']} {condition['ConditionExpression']}"
    values = update["ExpressionAttributeValues"] | condition.get("ExpressionAttributeValues", {})
    return {
        **condition,
        "UpdateExpression": update["UpdateExpression"],
        # DynamoDB refuses a name that no expression has.
        "ExpressionAttributeNames": {name: of for name, of in names.items() if name in used},
        "ExpressionAttributeValues": values,
    }
