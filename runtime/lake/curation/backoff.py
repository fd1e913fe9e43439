"""Waiting for what passes, within the time there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from baler.store_errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime.lake.curation.ports import Clock

_FIRST_SECONDS: Final = 0.05
_LONGEST_SECONDS: Final = 2.0


class Backoff:
    """Waits ever longer, by a random share, so that those who met do not meet again.

    Args:
        clock: the time.
        deadline: nothing is begun after it, seconds since the epoch.
        random: returns numbers from 0 to 1.
    """

    def __init__(self, clock: Clock, deadline: float, random: Callable[[], float]) -> None:
        self._clock = clock
        self._deadline = deadline
        self._random = random
        self._seconds = _FIRST_SECONDS

    def check(self) -> None:
        """Check that there is time left.

        Raises:
            Refused: there is none.
        """
        if self._clock.now() >= self._deadline:
            raise Refused("no time left", "OutOfTime")

    def wait(self) -> None:
        """Wait.

        Raises:
            Refused: no time would be left.
        """
        seconds = self._seconds * (0.5 + self._random() / 2)
        if self._clock.now() + seconds >= self._deadline:
            raise Refused("no time left", "OutOfTime")
        self._clock.sleep(seconds)
        self._seconds = min(2 * self._seconds, _LONGEST_SECONDS)

    def reset(self) -> None:
        """Begin with short waits anew: something was done."""
        self._seconds = _FIRST_SECONDS
