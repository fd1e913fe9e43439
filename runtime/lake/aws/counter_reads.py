"""Counters as the API reads them: sums of items, by queries whose answers do not grow with the table of records."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from baler.aws.attempts import attempt
from baler.lake.aws.record_items import COUNT, COUNTER, COUNTER_ITEM, EXPIRES_AT, is_over
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
# A day's items: nearly always the first page has a day that any record is counted under.
_AT_ONCE: Final = SHARDS + 1


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
        """Ask for what is counted of each source: two short queries each, or one where records expire."""
        # All are asked before any is waited for.
        sums = {name: self._pool.submit(self._sums, name, window) for name in sources}
        firsts = {
            name: self._pool.submit(self._end, name, window.now, forward=True)
            for name in sources
            if window.oldest is None
        }
        return {
            name: self._counts(name, window, *sums[name].result(), firsts[name].result() if name in firsts else None)
            for name in sources
        }

    def _sums(self, source: str, window: Window) -> tuple[int, Counter[date]]:
        """Return the total, and the days from the window's first on: an item that counts all sorts behind all days.

        Where records expire, their total is that of the days that do not: DynamoDB takes a day's items away with its
        records, and nobody would tell the total.
        """
        if window.oldest is None:
            keys = DAY_PREFIX + window.first.isoformat(), TOTAL_PREFIX + _BEHIND
        else:
            keys = DAY_PREFIX + window.oldest.isoformat(), DAY_PREFIX + _BEHIND
        sums = Counter[str]()  # by what stands before the shard: dates are read once for each day, not for each item
        for item in self._items(source, keys, window.now):
            sums[item[COUNTER_ITEM]["S"][: _DATE.stop]] += _count(item)
        total = sum(n for key, n in sums.items() if key.startswith(TOTAL_PREFIX))
        # A record that moves is for a moment on neither day, or on both: reads of many items are not one.
        days = Counter(
            {date.fromisoformat(key[_DATE]): n for key, n in sums.items() if key.startswith(DAY_PREFIX) and n > 0}
        )
        return max(0, total) if window.oldest is None else days.total(), days

    def _counts(
        self, source: str, window: Window, total: int, days: Counter[date], first_day: date | None
    ) -> SourceCounts:
        if window.oldest is not None:
            first_day = min(days, default=None)
        last_day = max(days, default=None)
        if last_day is None and first_day is not None:  # nothing since the window's first day
            last_day = self._end(source, window.now, forward=False)
        shown = {day: n for day, n in days.items() if window.first <= day <= window.last}
        return SourceCounts(total, shown, first_day, last_day)

    def _end(self, source: str, now: float, *, forward: bool) -> date | None:
        """Return the first or last day whose items have a sum: where all records moved away it is zero."""
        items = self._items(source, (DAY_PREFIX, DAY_PREFIX + _BEHIND), now, forward=forward, at_once=_AT_ONCE)
        for day, of_day in groupby(items, _day):
            if sum(map(_count, of_day)) > 0:
                return day
        return None

    def _items(
        self, source: str, keys: tuple[str, str], now: float, *, forward: bool = True, at_once: int | None = None
    ) -> Iterator[dict[str, Any]]:
        """Yield items whose keys lie between two, but for those that are over: DynamoDB deletes them days later."""
        request: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "#pk = :source AND #sk BETWEEN :first AND :last",
            "ProjectionExpression": "#sk, #n, #expires_at",
            "ExpressionAttributeNames": {"#pk": COUNTER, "#sk": COUNTER_ITEM, "#n": COUNT, "#expires_at": EXPIRES_AT},
            "ExpressionAttributeValues": {":source": {"S": source}, ":first": {"S": keys[0]}, ":last": {"S": keys[1]}},
            "ScanIndexForward": forward,
            "ConsistentRead": True,
        }
        if at_once is not None:
            request["Limit"] = at_once
        while True:
            answer = attempt("query counters", lambda r=request: self._client.query(**r), self._deadline)
            yield from [item for item in answer["Items"] if not is_over(item, now)]
            if (start := answer.get("LastEvaluatedKey")) is None:
                return
            request = {**request, "ExclusiveStartKey": start}


def _day(item: Mapping[str, Any]) -> date:
    return date.fromisoformat(item[COUNTER_ITEM]["S"][_DATE])


def _count(item: Mapping[str, Any]) -> int:
    return int(item[COUNT]["N"])
