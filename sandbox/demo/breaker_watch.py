"""Follows the courier's breaker while it works, and tells what changes."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from baler.files.courier.breaker import Breaker

_POLL_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class BreakerChange:
    """What the breaker became, or that another probe of an open one failed.

    Attributes:
        at: seconds since the watch began.
        phase: `closed` or `open`; whether a probe is out just now changes nothing.
        cause: why it is open; "" while it is closed.
        reason: of the last failure.
        probes: sent since it opened.
        open_seconds: how long it has been, or was, open.
    """

    at: float
    phase: str
    cause: str
    reason: str
    probes: int
    open_seconds: float

    def __str__(self) -> str:
        if self.phase == "closed":
            return f"The breaker is closed after {self.open_seconds:.0f} s and {self.probes} probes."
        if self.probes == 0:
            return f"The breaker is open ({self.cause}: {self.reason}): bundles wait."
        return f"Probe {self.probes} failed ({self.reason}): the breaker stays open."


class BreakerWatch:
    """Compares one state with the next.

    Args:
        on_change: called with each change, as it is seen.

    Attributes:
        changes: all that were seen, in order.
    """

    def __init__(self, on_change: Callable[[BreakerChange], None]) -> None:
        self._on_change = on_change
        self._open: BreakerChange | None = None
        self._opened_at = 0.0
        self.changes: list[BreakerChange] = []

    @property
    def is_open(self) -> bool:
        """Whether it was open when it was seen last."""
        return self._open is not None

    def see(self, breaker: Breaker, at: float) -> None:
        """Take in a state that was read at a moment."""
        before = self._open
        if breaker.closed:
            if before is not None:
                # The probe that closed it was one more than those that were seen to fail.
                self._open = None
                self._note(BreakerChange(at, "closed", "", "", before.probes + 1, at - self._opened_at))
            return
        if before is None:
            self._opened_at = at
        # A probe counts as failed once the breaker is open again after it.
        failed = breaker.probes if breaker.phase.value == "open" else max(breaker.probes - 1, 0)
        now = BreakerChange(
            at, "open", str(breaker.cause or ""), breaker.reason, failed, at - self._opened_at if before else 0.0
        )
        if before is None or (before.cause, before.probes) != (now.cause, now.probes):
            self._open = now
            self._note(now)

    def _note(self, change: BreakerChange) -> None:
        self.changes.append(change)
        self._on_change(change)


@contextmanager
def watched_breaker(read: Callable[[], Breaker], on_change: Callable[[BreakerChange], None]) -> Generator[BreakerWatch]:
    """Watch the breaker until the block ends.

    Args:
        read: returns its state.
        on_change: called with each change, on another thread.
    """
    watch = BreakerWatch(on_change)
    ended = threading.Event()
    started = time.monotonic()

    def follow() -> None:
        last = False
        while not last:
            last = ended.wait(_POLL_SECONDS)
            watch.see(read(), time.monotonic() - started)

    follower = threading.Thread(target=follow, daemon=True)
    follower.start()
    try:
        yield watch
    finally:
        ended.set()
        follower.join()
