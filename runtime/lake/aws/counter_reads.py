"""Counters as the API reads them: sums of items, by queries whose answers do not grow with the table of records."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from baler.aws.attempts import attempt
from baler.lake.aws.record_items import COUNT, COUNTER, COUNTER_ITEM
from baler.lake.counters import DAY_PREFIX, SHARDS, TOTAL_PREFIX
from runtime.lake.api.ports import SourceCounts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from concurrent.futures import Executor

    from baler.aws.http.dynamodb import HttpDynamoDb
    from runtime.lake.api.ports import Window

# Behind every shard and every day, as keys sort.
_BEHIND: Final = "~"
_DATE: Final = slice(len(DAY_PREFIX), len(DAY_PREFIX) + len("2026-03-08"))
# Two days' items: nearly always the first page has a day that any record is counted under.
_AT_ONCE: Final = 2 * SHARDS


class DynamoCounters:
    """The Counters port (see runtime/lake/api/ports.py).

    Args:
        client: of DynamoDB.
        table: the table's name.
        deadline: when its calls must be over, seconds since the epoch.
        pool: asks several things at the same time.
    """

    def __init__(self, client: HttpDynamoDb, table: str, deadline: float, pool: Executor) -> None:
        self._client = client.until(deadline)
        self._table = table
        self._deadline = deadline
        self._pool = pool

    def read(self, sources: Collection[str], window: Window) -> Mapping[str, SourceCounts]:
        """Ask for totals, days and both ends of each source."""
        oldest = window.oldest or date.min
        first = max(window.first, oldest)
        # All are asked before any is waited for.
        asked = {
            name: (
                self._pool.submit(self._total, name, window.oldest),
                self._pool.submit(self._days, name, first, window.last),
                self._pool.submit(self._end, name, oldest, forward=True),
                self._pool.submit(self._end, name, oldest, forward=False),
            )
            for name in sources
        }
        return {
            name: SourceCounts(total.result(), days.result(), first_day.result(), last_day.result())
            for name, (total, days, first_day, last_day) in asked.items()
        }

    def _total(self, source: str, oldest: date | None) -> int:
        if oldest is None:
            return max(0, sum(_count(item) for item in self._items(source, TOTAL_PREFIX, TOTAL_PREFIX + _BEHIND)))
        return sum(self._days(source, oldest, date.max).values())

    def _days(self, source: str, first: date, last: date) -> Mapping[date, int]:
        found = Counter[date]()
        for item in self._items(source, DAY_PREFIX + first.isoformat(), DAY_PREFIX + last.isoformat() + _BEHIND):
            found[_day(item)] += _count(item)
        # A record that moves is for a moment on neither day, or on both: reads of many items are not one.
        return {day: n for day, n in found.items() if n > 0}

    def _end(self, source: str, oldest: date, *, forward: bool) -> date | None:
        """Return the first or last day whose items have a sum: where all records moved away it is zero."""
        items = self._items(
            source, DAY_PREFIX + oldest.isoformat(), DAY_PREFIX + _BEHIND, forward=forward, at_once=_AT_ONCE
        )
        for day, of_day in groupby(items, _day):
            if sum(map(_count, of_day)) > 0:
                return day
        return None

    def _items(
        self, source: str, first: str, last: str, *, forward: bool = True, at_once: int | None = None
    ) -> Iterator[dict[str, Any]]:
        request: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "#pk = :source AND #sk BETWEEN :first AND :last",
            "ProjectionExpression": "#sk, #n",
            "ExpressionAttributeNames": {"#pk": COUNTER, "#sk": COUNTER_ITEM, "#n": COUNT},
            "ExpressionAttributeValues": {":source": {"S": source}, ":first": {"S": first}, ":last": {"S": last}},
            "ScanIndexForward": forward,
            "ConsistentRead": True,
        }
        if at_once is not None:
            request["Limit"] = at_once
        while True:
            answer = attempt("query counters", lambda r=request: self._client.query(**r), self._deadline)
            yield from answer["Items"]
            if (start := answer.get("LastEvaluatedKey")) is None:
                return
            request = {**request, "ExclusiveStartKey": start}


def _day(item: Mapping[str, Any]) -> date:
    return date.fromisoformat(item[COUNTER_ITEM]["S"][_DATE])


def _count(item: Mapping[str, Any]) -> int:
    return int(item[COUNT]["N"])
