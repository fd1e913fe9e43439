"""What becomes of a file or a message, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from baler.files.reason import Reason


class Outcome(StrEnum):
    """What became of a file in one invocation."""

    BUNDLED = "bundled"
    """It is in a bundle that is archived and in the mailbox."""

    DUPLICATE = "duplicate"
    """It was so already."""

    RETRY = "retry"
    """Not now: its message stays in the queue."""

    REJECTED = "rejected"
    """Never: its message is moved to the dead-letter queue, where people look."""


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of a file or a message, and why.

    Attributes:
        kind: what became of it.
        reason: why, for RETRY and REJECTED.
        not_before: seconds since the epoch before which another try is pointless, or 0.
    """

    kind: Outcome
    reason: Reason | None = None
    not_before: float = 0.0

    @property
    def done(self) -> bool:
        """Whether the file's message has nothing left to do for it."""
        return self.kind in {Outcome.BUNDLED, Outcome.DUPLICATE}


BUNDLED = FileOutcome(Outcome.BUNDLED)
DUPLICATE = FileOutcome(Outcome.DUPLICATE)


def retry(reason: Reason, not_before: float = 0.0) -> FileOutcome:
    """Return the outcome of something that may go well another time."""
    return FileOutcome(Outcome.RETRY, reason, not_before)


def rejected(reason: Reason) -> FileOutcome:
    """Return the outcome of something that never will."""
    return FileOutcome(Outcome.REJECTED, reason)
