from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from baler.lake.aws.record_items import (
    attribute,
    counter_key,
    counter_of,
    other_seen_order,
    other_seen_text,
    seen_order,
    seen_text,
)
from baler.lake.counters import CounterItem, Day, Total
from baler.lake.order import Order

AT = datetime(2026, 3, 8, 23, 58, tzinfo=UTC)


def test_what_was_seen_reads_back_and_sorts_as_orders_do() -> None:
    orders = [Order(AT, 9), Order(AT, 10), Order(AT + timedelta(minutes=5), 1)]
    texts = [seen_text(each) for each in orders]
    assert texts == sorted(texts)
    assert [seen_order(each) for each in texts] == orders
    assert [other_seen_order(other_seen_text(each)) for each in (orders[0], None)] == [orders[0], None]


def test_a_counter_s_item_reads_back() -> None:
    for counted in (Day("posts", AT.date()), Total("posts")):
        item = counter_key(counted, 7) | {"n": {"N": "-3"}, "changes": {"N": "12"}}
        assert counter_of(item) == CounterItem(counted, 7, -3, 12)


def test_a_field_is_a_text_a_number_or_a_truth_value() -> None:
    with pytest.raises(TypeError, match="list"):
        attribute([])
