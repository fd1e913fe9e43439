"""Compares counters with the table that they count, beside live traffic, and repairs them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from baler.lake.counters import sums

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from baler.lake.counters import CounterItem, Day


class CountedTable(Protocol):
    """The records and their counters. All calls raise Unavailable where a store does not answer."""

    def days(self) -> Iterable[Day]:
        """Return the day under which each record is counted: all records, read consistently, in any order."""
        ...

    def counters(self) -> Sequence[CounterItem]:
        """Return all items of all counters, read consistently."""
        ...

    def correct(self, day: Day, by: int, unchanged: Sequence[CounterItem]) -> bool:
        """Add to the first item of a counter, on condition that none of its items has changed, in one transaction.

        Args:
            day: the counter.
            by: what is added.
            unchanged: its items as they were read; those that are missing must still be missing.

        Returns:
            False, with nothing done, where something has changed.
        """
        ...


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A counter that does not say what the table holds.

    Attributes:
        day: the counter.
        records: in the table.
        counted: by the counter.
        items: of the counter, as they were before and after the table was read.
    """

    day: Day
    records: int
    counted: int
    items: tuple[CounterItem, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a comparison found.

    Attributes:
        records: in the table.
        mismatches: counters that are wrong, by day.
        moving: days that were written to meanwhile, of which nothing can be said; compare again.
    """

    records: int
    mismatches: tuple[Mismatch, ...]
    moving: tuple[Day, ...]


def compare(table: CountedTable) -> Comparison:
    """Read counters, all records, and counters once more.

    Nothing is written to a day without a change of one of its counter's items, in the same transaction: where all of
    them are the same before and after, the records of that day were the same all the while, and can be compared.

    Raises:
        Unavailable: a store does not answer.
    """
    before = _by_day(table.counters())
    records = Counter(table.days())
    after = _by_day(table.counters())
    days = before.keys() | after.keys() | records.keys()
    moving = {day for day in days if before.get(day) != after.get(day)}
    mismatches = [
        Mismatch(day, records[day], counted, items)
        for day in sorted(days - moving)
        if (counted := sums(items := after.get(day, ()))[day]) != records[day]
    ]
    return Comparison(records.total(), tuple(mismatches), tuple(sorted(moving)))


def repair(table: CountedTable, mismatches: Iterable[Mismatch]) -> tuple[Mismatch, ...]:
    """Correct counters, each on condition that nothing has changed since it was compared; return those where it has.

    Raises:
        Unavailable: a store does not answer. Where the correction took effect nevertheless, repeating it does nothing.
    """
    return tuple(each for each in mismatches if not table.correct(each.day, each.records - each.counted, each.items))


def _by_day(items: Iterable[CounterItem]) -> dict[Day, tuple[CounterItem, ...]]:
    by_day: dict[Day, list[CounterItem]] = {}
    for item in items:
        by_day.setdefault(item.of, []).append(item)
    return {day: tuple(sorted(found, key=lambda each: each.shard)) for day, found in by_day.items()}
