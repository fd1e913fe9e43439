from __future__ import annotations

from datetime import date

import pytest

from baler.lake.counters import (
    SHARDS,
    Count,
    CounterItem,
    Day,
    Total,
    counters_of,
    in_order,
    inserted,
    moved,
    parse_counter,
    shard_of,
    sums,
)

DAY = Day("posts", date(2026, 3, 8))


def test_a_counter_s_key_reads_back() -> None:
    assert (DAY.sort_key(3), DAY.total.sort_key(12)) == ("day#2026-03-08#03", "total#12")
    assert parse_counter("posts", DAY.sort_key(3)) == (DAY, 3)
    assert parse_counter("posts", "total#12") == (Total("posts"), 12)


@pytest.mark.parametrize("key", ["total", "day#2026-02-30#00", "day#2026-3-8#00", "total#1", "day#2026-03-08#00\n"])
def test_what_is_no_counter_s_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match=r"no counter|day"):
        parse_counter("posts", key)


def test_raw_objects_are_spread_over_all_items() -> None:
    assert {shard_of(f"raw/{number}") for number in range(500)} == set(range(SHARDS))


def test_a_counter_is_the_sum_of_its_items_and_says_nothing_of_empty_days() -> None:
    other = Day("posts", date(2026, 3, 9))
    items = [CounterItem(DAY, 0, 5, 2), CounterItem(DAY, 3, -2, 1), CounterItem(other, 0, 0, 2)]
    assert sums(items) == {DAY: 3}


def test_a_new_record_is_counted_in_the_total_too_and_one_that_moves_is_not() -> None:
    assert inserted(DAY, 4, 98) == (Count(DAY, 4, 98), Count(Total("posts"), 4, 98))
    earlier = date(2026, 3, 7)
    assert moved("posts", DAY.day, earlier, 4, 2) == (Count(DAY, 4, -2), Count(Day("posts", earlier), 4, 2))


def test_counters_are_right_by_the_days_of_all_records() -> None:
    other = Day("users", DAY.day)
    right = counters_of([DAY, other, DAY])
    assert right == {DAY: 2, other: 1, Total("posts"): 2, Total("users"): 1}
    assert in_order(right) == [DAY, Total("posts"), other, Total("users")]
