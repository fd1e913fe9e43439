"""Stopping on a signal: finish or abandon what is at hand, soon, and lose nothing by it."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from types import FrameType, TracebackType

# How long a blocking call (a silent network) may hold up a stop, in seconds.
GRACE_SECONDS: Final = 3.0
# The most that a sleeping service is late to see a signal, in seconds.
_DOZE_SECONDS: Final = 0.1


class Stopping(BaseException):
    """Work is abandoned because of a signal.

    Not an Exception, as KeyboardInterrupt is none: boto3 would take it for a network error and try again.
    """


class Shutdown:
    """Takes SIGTERM and SIGINT while its `with` block runs.

    The first asks: `interruption_point` raises Stopping at the next safe place, or the grace runs out and Stopping is
    raised wherever the program is, which is safe too, since the consumer survives being killed at any instant.
    The second ends the process at once.
    """

    def __init__(self) -> None:
        self.requested = False

    def __enter__(self) -> Self:
        self._previous = {
            number: signal.signal(number, handler)
            for number, handler in (
                (signal.SIGTERM, self._ask),
                (signal.SIGINT, self._ask),
                (signal.SIGALRM, self._insist),
            )
        }
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def interruption_point(self) -> None:
        """Raise Stopping if a signal came: called wherever work can be abandoned."""
        if self.requested:
            raise Stopping

    def wait(self, seconds: float) -> None:
        """Sleep, but no longer than until a signal.

        Raises:
            Stopping: a signal came.
        """
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.interruption_point()
            time.sleep(min(left, _DOZE_SECONDS))
        self.interruption_point()

    def _ask(self, number: int, _frame: FrameType | None) -> None:
        if self.requested:
            os._exit(128 + number)
        self.requested = True
        signal.setitimer(signal.ITIMER_REAL, GRACE_SECONDS)

    def _insist(self, _number: int, _frame: FrameType | None) -> None:
        raise Stopping
