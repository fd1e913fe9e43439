"""Counters of records: how many each source has, and how many of them by the day on which they were first captured.

With them nothing ever counts the table. A counter is spread over `SHARDS` items, or each transaction would conflict
with every other of its source. It is their sum. A single one may be negative: a record that moves to an earlier day is
taken off the item of whoever moves it.

A source's items are together, in this order: days, from the first on, and then the total. So the first and the last
day, a span of days and the total are each one short query.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

SHARDS: Final = 16
"""Items that a counter is spread over."""
DAY_PREFIX: Final = "day#"
"""Sort keys of all items that count days begin with it."""
TOTAL_PREFIX: Final = "total#"
"""Sort keys of all items that count a source's records begin with it."""

_SORT_KEY: Final = re.compile(r"(?:day#(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})|total)#(?P<shard>[0-9]{2})")


@dataclass(frozen=True, slots=True, order=True)
class Day:
    """Counts the records of a source that were first captured on a day, in UTC."""

    source: str
    day: date

    @property
    def total(self) -> Total:
        """What counts all records of the source."""
        return Total(self.source)

    def sort_key(self, shard: int) -> str:
        """Return the sort key of one of the counter's items.

        >>> Day("posts", date(2026, 3, 8)).sort_key(7)
        'day#2026-03-08#07'
        """
        return f"{DAY_PREFIX}{self.day.isoformat()}#{shard:02}"


@dataclass(frozen=True, slots=True, order=True)
class Total:
    """Counts the records of a source."""

    source: str

    def sort_key(self, shard: int) -> str:
        """Return the sort key of one of the counter's items.

        >>> Total("posts").sort_key(7)
        'total#07'
        """
        return f"{TOTAL_PREFIX}{shard:02}"


Counted = Day | Total
"""A counter. The partition key of its items is the source."""


@dataclass(frozen=True, slots=True)
class Count:
    """A change of a counter, in the transaction that writes the records it counts.

    Attributes:
        of: the counter.
        shard: which of its items, from 0 on.
        by: what is added; negative for records that move to another day.
    """

    of: Counted
    shard: int
    by: int


@dataclass(frozen=True, slots=True)
class CounterItem:
    """One item of a counter.

    Attributes:
        of: the counter.
        shard: which of its items.
        n: records.
        changes: how often anything was added; it tells whether something was, also where it made no difference.
        expires: it ends with its day's records, so that the total of its source says nothing.
    """

    of: Counted
    shard: int
    n: int
    changes: int
    expires: bool = False


def parse_counter(source: str, sort_key: str) -> tuple[Counted, int]:
    """Read the key of a counter's item: the counter, and which of its items it is.

    >>> parse_counter("posts", "day#2026-03-08#07")
    (Day(source='posts', day=datetime.date(2026, 3, 8)), 7)

    Raises:
        ValueError: it is none, or of no day of the calendar.
    """
    found = _SORT_KEY.fullmatch(sort_key)
    if not found:
        raise ValueError("no counter has this key")
    counted = Total(source) if found["day"] is None else Day(source, date.fromisoformat(found["day"]))
    return counted, int(found["shard"])


def inserted(day: Day, shard: int, n: int) -> tuple[Count, Count]:
    """Return how many new records are counted: under their day, and in the total."""
    return Count(day, shard, n), Count(day.total, shard, n)


def moved(source: str, before: date, after: date, shard: int, n: int) -> tuple[Count, Count]:
    """Return how records are counted that move from a day to another; the total stays."""
    return Count(Day(source, before), shard, -n), Count(Day(source, after), shard, n)


def shard_of(raw_key: str) -> int:
    """Return which items a raw object's records are counted on: the same in every try.

    >>> shard_of("raw/a") == shard_of("raw/a") < SHARDS
    True
    """
    return hashlib.sha256(raw_key.encode()).digest()[0] % SHARDS


def sums(items: Iterable[CounterItem]) -> Counter[Counted]:
    """Return what counters say; those that say nothing are left out."""
    total = Counter[Counted]()
    for item in items:
        total[item.of] += item.n
    return Counter({counted: n for counted, n in total.items() if n})


def counters_of(days: Iterable[Day]) -> Counter[Counted]:
    """Return what counters say when they are right.

    Args:
        days: under which each record is counted.
    """
    by_day = Counter(days)
    right = Counter[Counted](by_day)
    for day, n in by_day.items():
        right[day.total] += n
    return right


def in_order(counters: Iterable[Counted]) -> list[Counted]:
    """Return counters by source, its days in their order and then its total."""
    return sorted(counters, key=lambda each: (each.source, each.sort_key(0)))
