from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from baler.lake.counters import CounterItem, Day, Total
from baler.lake.verification import Comparison, Mismatch, compare, repair

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from baler.lake.counters import Counted

EIGHTH, NINTH = Day("posts", date(2026, 3, 8)), Day("posts", date(2026, 3, 9))


@dataclass
class Table:
    """Records by day, counters, and what happens while the records are read."""

    records: list[Day]
    items: dict[tuple[Counted, int], CounterItem]
    meanwhile: Callable[[Table], None] = field(default=lambda _: None)

    def days(self) -> Iterator[Day]:
        yield from list(self.records)
        self.meanwhile(self)

    def counters(self) -> list[CounterItem]:
        return list(self.items.values())

    def correct(self, counted: Counted, by: int, unchanged: Sequence[CounterItem]) -> bool:
        if [each for each in self.items.values() if each.of == counted] != list(unchanged):
            return False
        self.add(counted, 0, by)
        return True

    def add(self, counted: Counted, shard: int, by: int) -> None:
        item = self.items.get((counted, shard), CounterItem(counted, shard, 0, 0))
        self.items[counted, shard] = replace(item, n=item.n + by, changes=item.changes + 1)

    def insert(self, day: Day, shard: int) -> None:
        self.records.append(day)
        self.add(day, shard, 1)
        self.add(day.total, shard, 1)


def table_of(*days: Day) -> Table:
    table = Table([], {})
    for number, day in enumerate(days):
        table.insert(day, number % 3)
    return table


def test_counters_that_equal_the_table_are_right() -> None:
    assert compare(table_of(EIGHTH, EIGHTH, EIGHTH, NINTH)) == Comparison(4, (), ())


def test_a_wrong_counter_is_named_and_repaired() -> None:
    table = table_of(EIGHTH, EIGHTH, NINTH)
    table.add(EIGHTH, 5, 3)
    del table.records[-1]
    found = compare(table)
    wrong = [(each.of, each.records, each.counted) for each in found.mismatches]
    assert wrong == [(EIGHTH, 2, 5), (NINTH, 0, 1), (Total("posts"), 2, 3)]
    assert repair(table, found.mismatches) == ()
    assert compare(table).mismatches == ()


def test_records_that_no_counter_knows_are_found() -> None:
    table = table_of(EIGHTH)
    table.records.append(NINTH)
    of_day, of_total = compare(table).mismatches
    assert of_day == Mismatch(NINTH, 1, 0, ())
    assert (of_total.of, of_total.records, of_total.counted) == (Total("posts"), 2, 1)


def test_a_total_that_is_wrong_alone_is_found() -> None:
    table = table_of(EIGHTH, NINTH)
    table.add(Total("posts"), 2, -1)
    assert [(each.of, each.records, each.counted) for each in compare(table).mismatches] == [(Total("posts"), 2, 1)]


def test_of_a_day_that_is_written_to_meanwhile_nothing_is_said() -> None:
    table = table_of(EIGHTH, NINTH)
    table.meanwhile = lambda table: table.insert(EIGHTH, 0)
    found = compare(table)
    assert (found.mismatches, found.moving) == ((), (EIGHTH, Total("posts")))


def test_a_day_whose_sum_comes_out_the_same_was_written_to_nevertheless() -> None:
    table = table_of(EIGHTH, EIGHTH)

    def swap(table: Table) -> None:
        table.add(EIGHTH, 0, 1)
        table.add(EIGHTH, 0, -1)

    table.meanwhile = swap
    assert compare(table).moving == (EIGHTH,)


def test_a_counter_that_changed_since_is_not_corrected() -> None:
    table = table_of(EIGHTH)
    table.add(EIGHTH, 5, 3)
    found = compare(table)
    table.insert(EIGHTH, 0)
    assert repair(table, found.mismatches) == found.mismatches
    assert table.items[EIGHTH, 0].n == 2


def test_a_total_is_not_compared_where_days_end() -> None:
    table = table_of(EIGHTH, NINTH)
    for key, item in table.items.items():
        if isinstance(item.of, Day):
            table.items[key] = replace(item, expires=True)
    # DynamoDB took the day and its records away, and nobody takes the total down.
    table.records.remove(EIGHTH)
    table.items = {key: item for key, item in table.items.items() if item.of != EIGHTH}
    assert compare(table) == Comparison(1, (), ())
