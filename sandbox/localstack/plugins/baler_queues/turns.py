"""When the next batch of a queue is taken, while others are at work."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# How often the queue is looked at: it is in this process, and a look costs microseconds.
_LOOK_SECONDS = 0.05


class Turns:
    """Batches of one queue at work, counted; thread-safe.

    A batch is closed when its batching window is over or its batch size is met (Lambda developer guide, "Batching
    behavior"; of the third limit, 6 MB, LocalStack knows nothing, and makes no batch of more than 2,500 messages).
    Several gather beside each other there, and one here, so that batches are fuller.
    """

    def __init__(self, at_once: int) -> None:
        """Take how many batches may be at work at once."""
        self.at_once = at_once
        self._at_work = 0
        self._changed = threading.Condition()

    def wait(
        self, waiting: Callable[[], int], *, batch_size: int, window_seconds: float, patience_seconds: float
    ) -> bool:
        """Return True when a batch is to be taken, and False where there is nothing to take for a while.

        Args:
            waiting: tells how many messages are in the queue.
            batch_size: how many make a batch full.
            window_seconds: how long one gathers that is not.
            patience_seconds: the longest that an empty queue is looked at.
        """
        with self._changed:
            while self._at_work >= self.at_once:
                self._changed.wait()
        if not _within(patience_seconds, lambda: waiting() > 0):
            return False
        _within(window_seconds, lambda: waiting() >= batch_size)
        return True

    def begin(self) -> None:
        """Note that a batch is at work."""
        with self._changed:
            self._at_work += 1

    def end(self) -> None:
        """Note that it is done."""
        with self._changed:
            self._at_work -= 1
            self._changed.notify_all()

    def wait_for_all(self) -> None:
        """Return when none is at work."""
        with self._changed:
            while self._at_work:
                self._changed.wait()


def _within(seconds: float, holds: Callable[[], bool]) -> bool:
    """Return when something holds, or after some time; and whether it does."""
    ends = time.monotonic() + seconds
    while not (held := holds()) and time.monotonic() < ends:
        time.sleep(_LOOK_SECONDS)
    return held
