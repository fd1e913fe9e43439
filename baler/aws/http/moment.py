"""Moments, for connections that outlive the time in which a process runs."""

from __future__ import annotations

import time


class Moment:
    """Tells how long ago something was, though the process may have been frozen since.

    While Lambda freezes an environment its monotonic clock may stand still: CLOCK_MONOTONIC does not count the time
    that a machine is suspended, and CLOCK_BOOTTIME, which does, does not count that in which a virtual machine is
    paused. The time of day is put right after that, but may also be set back. So the longest of both counts, and a
    time of day that went back counts as long ago.
    """

    def __init__(self) -> None:
        self._boot = time.clock_gettime(time.CLOCK_BOOTTIME)
        self._day = time.time()

    def seconds_ago(self) -> float:
        """Return how long ago it was; what is sure is that it was no longer ago than that."""
        return max(time.clock_gettime(time.CLOCK_BOOTTIME) - self._boot, abs(time.time() - self._day))
