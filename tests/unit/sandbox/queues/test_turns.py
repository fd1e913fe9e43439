"""baler_queues: when the next batch of a queue is taken."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from baler_queues.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Iterable

DEADLINE_SECONDS = 60.0
AN_HOUR = 3600.0
FULL = 100


class Queue:
    """One that holds so many messages at each look, and the last number from then on."""

    def __init__(self, counts: Iterable[int]) -> None:
        *self._counts, self._last = counts
        self.looks = 0

    def waiting(self) -> int:
        self.looks += 1
        return self._counts.pop(0) if self._counts else self._last


class Taker:
    """Waits for its turn in a thread of its own, as the poller does."""

    def __init__(self, turns: Turns, *counts: int, window: float = AN_HOUR, patience: float = AN_HOUR) -> None:
        self.queue = Queue(counts)
        self.took: bool | None = None
        self._over = threading.Event()
        threading.Thread(target=self._take, args=(turns, window, patience), daemon=True).start()

    def _take(self, turns: Turns, window: float, patience: float) -> None:
        self.took = turns.wait(self.queue.waiting, batch_size=FULL, window_seconds=window, patience_seconds=patience)
        self._over.set()

    def ends(self, seconds: float = DEADLINE_SECONDS) -> bool:
        return self._over.wait(seconds)


def test_a_full_batch_is_taken_at_once() -> None:
    taker = Taker(Turns(5), FULL)
    assert taker.ends()
    assert taker.took
    assert taker.queue.looks == 2


def test_a_batch_gathers_until_it_is_full() -> None:
    taker = Taker(Turns(5), 0, 0, 1, 1, FULL - 1, FULL)
    assert taker.ends()
    assert taker.took
    assert taker.queue.looks == 6


def test_a_batch_that_does_not_fill_is_taken_after_its_window() -> None:
    taker = Taker(Turns(5), 1, window=0.01)
    assert taker.ends()
    assert taker.took


def test_without_a_window_what_is_there_is_taken_at_once() -> None:
    taker = Taker(Turns(5), 0, 1, window=0)
    assert taker.ends()
    assert taker.took
    assert taker.queue.looks == 3


def test_an_empty_queue_is_left_after_a_while() -> None:
    taker = Taker(Turns(5), 0, patience=0.01)
    assert taker.ends()
    assert taker.took is False


def test_a_batch_is_taken_beside_another() -> None:
    turns = Turns(2)
    turns.begin()
    assert Taker(turns, FULL).ends()


def test_no_more_are_at_work_than_may_be() -> None:
    turns = Turns(2)
    turns.begin()
    turns.begin()
    taker = Taker(turns, FULL)
    assert not taker.ends(0.05)
    assert taker.queue.looks == 0
    turns.end()
    assert taker.ends()


def test_the_end_waits_for_every_batch() -> None:
    turns = Turns(5)
    turns.begin()
    turns.begin()
    ended = threading.Event()

    def wait() -> None:
        turns.wait_for_all()
        ended.set()

    threading.Thread(target=wait, daemon=True).start()
    turns.end()
    assert not ended.wait(0.05)
    turns.end()
    assert ended.wait(DEADLINE_SECONDS)
