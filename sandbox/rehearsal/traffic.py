"""What goes on in a stack while a fault is made: something comes, and somebody takes it."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

_EVERY_SECONDS: Final = 1.0


class Traffic:
    """Does something again and again, and rests on request.

    Attributes:
        resting: whether nothing is to come.
    """

    def __init__(self, once: Callable[[int], object]) -> None:
        self.resting = False
        self._once = once
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def rest(self) -> None:
        """Let nothing come any more."""
        self.resting = True

    def go_on(self) -> None:
        """Let it come again."""
        self.resting = False

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def end(self) -> None:
        """Let nothing come any more, and wait for what is under way."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        number = 0
        while not self._ended.wait(_EVERY_SECONDS):
            if self.resting:
                continue
            number += 1
            try:
                self._once(number)
            except (BotoCoreError, ClientError, OSError):
                continue  # what is broken may refuse it, or not answer; the next one tries again


@contextmanager
def running_traffic(once: Callable[[int], object]) -> Generator[Traffic]:
    """Do something once a second until the block ends.

    Args:
        once: does it; gets a number from 1.
    """
    traffic = Traffic(once)
    traffic.start()
    try:
        yield traffic
    finally:
        traffic.end()
