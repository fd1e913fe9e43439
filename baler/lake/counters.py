"""Counters of records: how many were first captured on a day, by source, so that nothing ever counts the table.

The counter of a source and a day is spread over `SHARDS` items, or each transaction would conflict with every other of
its source. It is their sum. A single one may be negative: a record that moves to an earlier day is taken off the item
of whoever moves it.
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

_PARTITION: Final = re.compile(r"(?P<source>[a-z0-9-]{1,32})#(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})")


@dataclass(frozen=True, slots=True, order=True)
class Day:
    """What is counted: the records of a source that were first captured on a day, in UTC."""

    source: str
    day: date

    @classmethod
    def parse(cls, partition_key: str) -> Day:
        """Read the partition key of a counter's items.

        >>> Day.parse("randomuser#2026-03-08").day.isoformat()
        '2026-03-08'

        Raises:
            ValueError: it is none, or of no day of the calendar.
        """
        found = _PARTITION.fullmatch(partition_key)
        if not found:
            raise ValueError("no counter has this key")
        return cls(found["source"], date.fromisoformat(found["day"]))

    @property
    def partition_key(self) -> str:
        """Partition key of the counter's items; the sort key is the shard, of two digits."""
        return f"{self.source}#{self.day.isoformat()}"


@dataclass(frozen=True, slots=True)
class Count:
    """A change of a counter, in the transaction that writes the records it counts.

    Attributes:
        of: the counter.
        shard: which of its items, from 0 on.
        by: what is added; negative for records that move to another day.
    """

    of: Day
    shard: int
    by: int

    @property
    def sort_key(self) -> str:
        """Sort key of the item."""
        return shard_key(self.shard)


@dataclass(frozen=True, slots=True)
class CounterItem:
    """One item of a counter.

    Attributes:
        of: the counter.
        shard: which of its items.
        n: records.
        changes: how often anything was added; it tells whether something was, also where it made no difference.
    """

    of: Day
    shard: int
    n: int
    changes: int


def shard_of(raw_key: str) -> int:
    """Return which items a raw object's records are counted on: the same in every try.

    >>> shard_of("raw/a") == shard_of("raw/a") < SHARDS
    True
    """
    return hashlib.sha256(raw_key.encode()).digest()[0] % SHARDS


def shard_key(shard: int) -> str:
    """Return the sort key of an item.

    >>> shard_key(7)
    '07'
    """
    return f"{shard:02}"


def sums(items: Iterable[CounterItem]) -> Counter[Day]:
    """Return what counters say; days that say nothing are left out."""
    total = Counter[Day]()
    for item in items:
        total[item.of] += item.n
    return Counter({day: n for day, n in total.items() if n})
