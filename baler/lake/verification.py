"""Compares counters with the table that they count, beside live traffic, and repairs them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from baler.lake.counters import Total, counters_of, in_order, sums

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from baler.lake.counters import Counted, CounterItem, Day


class CountedTable(Protocol):
    """The records and their counters. All calls raise Unavailable where a store does not answer."""

    def days(self) -> Iterable[Day]:
        """Return the day under which each record is counted: all records, read consistently, in any order.

        Those that are over are left out.
        """
        ...

    def counters(self) -> Sequence[CounterItem]:
        """Return all items of all counters, read consistently, but for those of days that are over."""
        ...

    def correct(self, counted: Counted, by: int, unchanged: Sequence[CounterItem]) -> bool:
        """Add to the first item of a counter, on condition that none of its items has changed, in one transaction.

        Args:
            counted: the counter.
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
        of: the counter.
        records: in the table.
        counted: by the counter.
        items: of the counter, as they were before and after the table was read.
    """

    of: Counted
    records: int
    counted: int
    items: tuple[CounterItem, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a comparison found.

    Attributes:
        records: in the table.
        mismatches: counters that are wrong, in order.
        moving: those that were written to meanwhile, of which nothing can be said; compare again.
    """

    records: int
    mismatches: tuple[Mismatch, ...]
    moving: tuple[Counted, ...]


def compare(table: CountedTable) -> Comparison:
    """Read counters, all records, and counters once more.

    No record comes to a day or to a source, and none leaves a day, without a change of one of the counter's items in
    the same transaction: where all of them are the same before and after, the counter's records were the same all the
    while, and can be compared. Where a source's days end one after the other, its total is never taken down, and nobody
    reads it: it is not compared.

    Raises:
        Unavailable: a store does not answer.
    """
    before = _by_counter(table.counters())
    records = counters_of(table.days())
    after = _by_counter(table.counters())
    ending = {item.of.source for items in (*before.values(), *after.values()) for item in items if item.expires}
    every = {
        each
        for each in before.keys() | after.keys() | records.keys()
        if not (isinstance(each, Total) and each.source in ending)
    }
    moving = {counted for counted in every if before.get(counted) != after.get(counted)}
    mismatches = [
        Mismatch(of, records[of], counted, items)
        for of in in_order(every - moving)
        if (counted := sums(items := after.get(of, ()))[of]) != records[of]
    ]
    there = sum(n for of, n in records.items() if isinstance(of, Total))
    return Comparison(there, tuple(mismatches), tuple(in_order(moving)))


def repair(table: CountedTable, mismatches: Iterable[Mismatch]) -> tuple[Mismatch, ...]:
    """Correct counters, each on condition that nothing has changed since it was compared; return those where it has.

    Raises:
        Unavailable: a store does not answer. Where the correction took effect nevertheless, repeating it does nothing.
    """
    return tuple(each for each in mismatches if not table.correct(each.of, each.records - each.counted, each.items))


def _by_counter(items: Iterable[CounterItem]) -> dict[Counted, tuple[CounterItem, ...]]:
    found: dict[Counted, list[CounterItem]] = {}
    for item in items:
        found.setdefault(item.of, []).append(item)
    return {counted: tuple(sorted(of_it, key=lambda each: each.shard)) for counted, of_it in found.items()}
