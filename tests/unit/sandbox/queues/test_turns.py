"""baler_queues: when the next batch of a queue is taken."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from baler_queues.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Callable

DEADLINE_SECONDS = 60.0
AN_HOUR = 3600.0


def never() -> bool:
    return False


def always() -> bool:
    return True


class Taker:
    """Waits for its turn in a thread of its own, as the poller does."""

    def __init__(self, turns: Turns, *, is_full: Callable[[], bool], window_seconds: float = AN_HOUR) -> None:
        self.has_turn = threading.Event()
        self._thread = threading.Thread(target=self._take, args=(turns, is_full, window_seconds), daemon=True)
        self._thread.start()

    def _take(self, turns: Turns, is_full: Callable[[], bool], window_seconds: float) -> None:
        turns.wait(is_full=is_full, window_seconds=window_seconds)
        self.has_turn.set()

    def comes(self) -> bool:
        return self.has_turn.wait(DEADLINE_SECONDS)


def test_a_batch_is_taken_at_once_where_none_is_at_work() -> None:
    assert Taker(Turns(5), is_full=never).comes()


def test_a_full_batch_is_taken_beside_another() -> None:
    turns = Turns(5)
    turns.begin()
    assert Taker(turns, is_full=always).comes()


def test_a_batch_gathers_beside_another_until_that_is_done() -> None:
    turns = Turns(5)
    turns.begin()
    looked = threading.Event()

    def is_full() -> bool:
        looked.set()
        return False

    taker = Taker(turns, is_full=is_full)
    assert looked.wait(DEADLINE_SECONDS)
    assert not taker.has_turn.is_set()
    turns.end()
    assert taker.comes()


def test_a_batch_gathers_no_longer_than_its_window() -> None:
    turns = Turns(5)
    turns.begin()
    assert Taker(turns, is_full=never, window_seconds=0.01).comes()


def test_no_more_are_at_work_than_may_be() -> None:
    turns = Turns(2)
    turns.begin()
    turns.begin()
    first, second = (Taker(turns, is_full=always) for _ in range(2))
    assert not first.has_turn.wait(0.05)
    assert not second.has_turn.is_set()
    turns.end()
    assert first.comes()
    assert second.comes()


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
    assert not ended.is_set()
    turns.end()
    assert ended.wait(DEADLINE_SECONDS)
