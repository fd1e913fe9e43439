from __future__ import annotations

from datetime import date

import pytest

from baler.lake.counters import SHARDS, CounterItem, Day, shard_key, shard_of, sums

DAY = Day("posts", date(2026, 3, 8))


def test_a_counter_s_key_reads_back() -> None:
    assert DAY.partition_key == "posts#2026-03-08"
    assert Day.parse(DAY.partition_key) == DAY


@pytest.mark.parametrize("key", ["posts", "posts#2026-02-30", "a#b#2026-03-08", "posts#2026-3-8", "posts#2026-03-08\n"])
def test_what_is_no_counter_s_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match=r"no counter|day"):
        Day.parse(key)


def test_raw_objects_are_spread_over_all_items() -> None:
    assert {shard_of(f"raw/{number}") for number in range(500)} == set(range(SHARDS))
    assert [shard_key(shard) for shard in (0, SHARDS - 1)] == ["00", "15"]


def test_a_counter_is_the_sum_of_its_items_and_says_nothing_of_empty_days() -> None:
    other = Day("posts", date(2026, 3, 9))
    items = [CounterItem(DAY, 0, 5, 2), CounterItem(DAY, 3, -2, 1), CounterItem(other, 0, 0, 2)]
    assert sums(items) == {DAY: 3}
