"""Calls a function at a moment, in a thread that keeps no process alive."""

from __future__ import annotations

import time
from threading import Timer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def call_at(when: float, call: Callable[[], None]) -> Callable[[], None]:
    """Arrange a call, in seconds since the epoch; return what calls it off."""
    timer = Timer(max(when - time.time(), 0.0), call)
    timer.daemon = True
    timer.start()
    return timer.cancel
