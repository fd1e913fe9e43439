"""When to stop waiting for what is still on its way."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

DRAIN_SECONDS: Final = 300.0
"""Longest wait after the schedule's end. Well past the objective: what has not come by then has missed it."""

# SQS's counts are approximate; AWS says that they settle within a minute after the last message was sent.
_SETTLED_SECONDS: Final = 60.0


class Ending(StrEnum):
    """How a run ended."""

    DRAINED = "drained"
    """Nothing was left in the queue, and nothing of the run is still to come."""

    OUT_OF_TIME = "out of time"
    """Something was still in the queue, or being uploaded, after the longest wait."""

    INTERRUPTED = "interrupted"
    """Somebody stopped it."""


@dataclass
class Drain:
    """Decides, look by look.

    Attributes:
        deadline: the time, in seconds since the epoch, at which it ends whatever is left.
    """

    deadline: float
    _empty_since: float | None = field(default=None, init=False)

    def ended(self, now: float, *, uploading: bool, queued: int, missing: int) -> Ending | None:
        """Tell whether the wait is over.

        Args:
            now: seconds since the epoch.
            uploading: some process has not reported its last upload.
            queued: messages in the ingest queue, counted before the mailbox was looked at.
            missing: files that S3 took and that are not in the mailbox.
        """
        if not uploading and queued == 0:
            if missing == 0:
                return Ending.DRAINED
            self._empty_since = now if self._empty_since is None else self._empty_since
            if now - self._empty_since >= _SETTLED_SECONDS:
                return Ending.DRAINED
        else:
            self._empty_since = None
        return Ending.OUT_OF_TIME if now >= self.deadline else None
