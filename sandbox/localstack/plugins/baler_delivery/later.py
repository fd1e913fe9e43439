"""What is on its way: calls that are made later, by the one thread that waits for everything."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from twisted.internet import reactor

if TYPE_CHECKING:
    from collections.abc import Callable


class OnTheWay:
    """How much is."""

    def __init__(self) -> None:
        self._number = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Return how much."""
        return self._number

    def begin(self) -> None:
        """Note that something has begun its way."""
        with self._lock:
            self._number += 1

    def end(self) -> None:
        """Note that something has come where it was to go."""
        with self._lock:
            self._number -= 1


ON_THE_WAY = OnTheWay()


def later(seconds: float, deliver: Callable[[], None]) -> None:
    """Deliver something after so many seconds, on a thread of its own; until it is there it is on its way."""
    ON_THE_WAY.begin()

    def delivered() -> None:
        try:
            deliver()
        finally:
            ON_THE_WAY.end()

    reactor.callFromThread(reactor.callLater, seconds, reactor.callInThread, delivered)
