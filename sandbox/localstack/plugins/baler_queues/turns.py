"""When the next batch of a queue is gathered while others are at work."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# How often the queue is looked at while a batch gathers: it is in this process, and costs nothing.
_LOOK_SECONDS = 0.05


class Turns:
    """Batches of one queue at work, counted; thread-safe.

    A batch is taken at once where none is at work. Beside others it gathers first: until it is full, until nothing is
    at work any more, or until the batching window has passed. So a queue that fills slowly is served at once, one that
    fills quickly in full batches, of which several are at work.
    """

    def __init__(self, at_once: int) -> None:
        """Take how many batches may be at work at once."""
        self.at_once = at_once
        self._at_work = 0
        self._changed = threading.Condition()

    def wait(self, *, is_full: Callable[[], bool], window_seconds: float) -> None:
        """Return when the next batch is to be taken.

        Args:
            is_full: tells whether a whole batch waits in the queue.
            window_seconds: the longest that a batch gathers; it is not counted while none may be begun.
        """
        with self._changed:
            while self._at_work >= self.at_once:
                self._changed.wait()
            ends = time.monotonic() + window_seconds
            while self._at_work and not is_full() and time.monotonic() < ends:
                self._changed.wait(_LOOK_SECONDS)

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
