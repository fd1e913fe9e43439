"""Lets a receiver go away in the middle of the uploads, and come back."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from sandbox.receivers.premises import Premises

    Say: TypeAlias = Callable[[str], None]

OUTAGE_SECONDS: Final = 20.0

_POLL_SECONDS: Final = 0.2

# Of uploads that are over sooner: something must have been delivered before, and something must wait.
_SOONEST: Final = 0.25


def begins_after(uploads_seconds: float) -> float:
    """Return when an outage begins that lies in the middle of uploads that take so long."""
    return max(uploads_seconds * _SOONEST, (uploads_seconds - OUTAGE_SECONDS) / 2)


@dataclass(slots=True)
class Outage:
    """How far an outage has come."""

    is_over: bool = False
    _failure: SandboxError | None = None

    def check(self) -> None:
        """Return if all goes as it should.

        Raises:
            SandboxError: the receiver did not come back.
        """
        if self._failure is not None:
            raise self._failure

    def go_through(
        self,
        premises: Premises,
        wait: Callable[[float], bool],
        begin_seconds: float,
        say: Say,
        is_met: Callable[[], bool],
    ) -> None:
        """Let a receiver go away and come back.

        Args:
            premises: the receiver.
            wait: waits so many seconds, and returns True as soon as the outage is abandoned.
            begin_seconds: pass before.
            say: shows a line.
            is_met: tells whether the courier has met the outage, or has nothing to meet it with.
        """
        if wait(begin_seconds):
            return
        premises.stop()
        say(f"The receiver is gone, for {OUTAGE_SECONDS:.0f} s.")
        if wait(OUTAGE_SECONDS):
            return
        while not is_met():
            if wait(_POLL_SECONDS):
                return
        try:
            premises.start()
        except SandboxError as error:
            self._failure = error
        else:
            say("The receiver is back.")
            self.is_over = True


@contextmanager
def outage(premises: Premises, begin_seconds: float, say: Say, is_met: Callable[[], bool]) -> Generator[Outage]:
    """Let it go away after so many seconds, for `OUTAGE_SECONDS`, or longer where the machine is so slow (`is_met`).

    Where the block ends before that, so does the outage, and whoever runs the receiver ends it.
    """
    abandoned, there = threading.Event(), Outage()
    thread = threading.Thread(
        target=there.go_through, args=(premises, abandoned.wait, begin_seconds, say, is_met), daemon=True
    )
    thread.start()
    try:
        yield there
    finally:
        abandoned.set()
        thread.join()
