"""Lets a receiver go away in the middle of the uploads, and come back."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from sandbox.receivers.premises import Premises

OUTAGE_SECONDS: Final = 20.0

# Of uploads that are over sooner: something must have been delivered before, and something must wait.
_SOONEST: Final = 0.25


def begins_after(uploads_seconds: float) -> float:
    """Return when an outage begins that lies in the middle of uploads that take so long."""
    return max(uploads_seconds * _SOONEST, (uploads_seconds - OUTAGE_SECONDS) / 2)


@contextmanager
def outage(premises: Premises, begin_seconds: float, say: Callable[[str], None]) -> Generator[threading.Event]:
    """Let it go away after so many seconds, for `OUTAGE_SECONDS`; yields what is set once it is back.

    Where the block ends before that, so does the outage, and whoever runs the receiver ends it.
    """
    abandoned, over = threading.Event(), threading.Event()

    def go_and_come_back() -> None:
        if abandoned.wait(begin_seconds):
            return
        premises.stop()
        say(f"The receiver is gone, for {OUTAGE_SECONDS:.0f} s.")
        if abandoned.wait(OUTAGE_SECONDS):
            return
        premises.start()
        say("The receiver is back.")
        over.set()

    thread = threading.Thread(target=go_and_come_back, daemon=True)
    thread.start()
    try:
        yield over
    finally:
        abandoned.set()
        thread.join()
