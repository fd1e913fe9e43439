"""Sends beside each other, and the renewal meanwhile."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from runtime.files.aws.crew import ThreadCrew

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as made:
        yield made


def test_results_come_in_the_order_of_the_sends_though_they_end_in_another(pool: ThreadPoolExecutor) -> None:
    last_is_over = threading.Event()

    def first() -> int:
        assert last_is_over.wait(30), "the sends run beside each other"
        return 1

    def last() -> int:
        last_is_over.set()
        return 2

    assert ThreadCrew(pool).together([first, last], lambda: None) == [1, 2]


def test_meanwhile_the_lease_is_renewed_for_as_long_as_one_send_is_out(pool: ThreadPoolExecutor) -> None:
    renewed, enough = [0], threading.Event()

    def renew() -> None:
        renewed[0] += 1
        if renewed[0] == 3:
            enough.set()

    assert ThreadCrew(pool, seconds=0.01).together([lambda: enough.wait(30)], renew) == [True]
    assert renewed[0] >= 3


def test_what_the_renewal_raises_is_raised_once_all_sends_are_over(pool: ThreadPoolExecutor) -> None:
    tried, over = threading.Event(), threading.Event()

    def renew() -> None:
        tried.set()
        raise ValueError("fenced")

    def send() -> None:
        assert tried.wait(30)
        over.set()

    with pytest.raises(ValueError, match="fenced"):
        ThreadCrew(pool, seconds=0.01).together([send], renew)
    assert over.is_set()


def test_nothing_to_send_is_over_at_once(pool: ThreadPoolExecutor) -> None:
    assert ThreadCrew(pool).together([], lambda: None) == []
