"""How late a file is: the time from its arrival in S3 to its bundle in the mailbox, in parts; an attempt's steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from baler.files.landed_file import LandedFile


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds, to the millisecond. A part whose two ends were read from clocks that disagree may be 0, never less.

    Attributes:
        event_delay: from S3's event time until SQS took the message.
        queue_wait: from then to the start of the invocation that bundled the file; earlier attempts are in it.
        processing: from then to the bundle in the mailbox.
        batch_wait: the last part of the queue's wait: from the first receive of the message, so that a batch may fill,
            to the start of the invocation; earlier attempts are in it too.
    """

    event_delay: float
    queue_wait: float
    processing: float
    batch_wait: float = 0.0

    @property
    def total(self) -> float:
        """The sum of the parts; the wait for the batch is in the queue's."""
        return round(self.event_delay + self.queue_wait + self.processing, 3)


class Stopwatch:
    """Takes the latencies of one invocation's files. All moments are seconds since the epoch.

    Args:
        started_at: when the invocation started.
    """

    def __init__(self, started_at: float) -> None:
        self._started_at = started_at
        self._sent_at: dict[str, float] = {}
        self._received_at: dict[str, float] = {}

    def announced(self, file: LandedFile, sent_at: float, received_at: float | None = None) -> None:
        """Note a message that announces the file; the first counts where there are several.

        Args:
            file: the file.
            sent_at: when SQS took the message.
            received_at: when it was first received; None where nobody says.
        """
        self._sent_at[file.identity] = min(sent_at, self._sent_at.get(file.identity, sent_at))
        received = self._started_at if received_at is None else received_at
        self._received_at[file.identity] = min(received, self._received_at.get(file.identity, received))

    def delivered(self, file: LandedFile, delivered_at: float) -> Latency:
        """Return the latency of a file that was announced and whose bundle is in the mailbox."""
        sent_at = self._sent_at[file.identity]
        return Latency(
            event_delay=_between(file.event_time.timestamp(), sent_at),
            queue_wait=_between(sent_at, self._started_at),
            processing=_between(self._started_at, delivered_at),
            # A receive before the message was taken is the clock's fault.
            batch_wait=_between(max(self._received_at[file.identity], sent_at), self._started_at),
        )


class Steps:
    """Takes the seconds of each step of an attempt, one after the other.

    Args:
        clock: the time, seconds since the epoch.

    Attributes:
        seconds: by step, to the millisecond.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._since = clock()
        self.seconds: dict[str, float] = {}

    def end(self, step: str) -> None:
        """Note that a step is over, which began when the one before it ended."""
        now = self._clock()
        self.seconds[step] = _between(self._since, now)
        self._since = now


def _between(earlier: float, later: float) -> float:
    return max(round(later - earlier, 3), 0.0)
