"""Sequence numbers as AWS's look: 56 digits, growing with time in every shard, with gaps."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# Nanoseconds since the epoch have 19 digits until the year 2286: with the first two digits always 49, and so many
# behind them for what falls into one nanosecond, all numbers have 56 digits and can be compared as text.
_BASE = 49 * 10**54
_A_NANOSECOND = 10**20


class SequenceNumbers:
    """A source of numbers, each larger than all before it, even where the clock is set back."""

    def __init__(self, now_ns: Callable[[], int] = time.time_ns) -> None:
        """Make a source.

        Args:
            now_ns: nanoseconds since the epoch.
        """
        self._now_ns = now_ns
        self._last = 0
        self._lock = threading.Lock()

    def next(self) -> int:
        """Return a number that is larger than every one before it."""
        with self._lock:
            self._last = max(self._last + 1, _BASE + self._now_ns() * _A_NANOSECOND)
            return self._last
