"""How late a file is: the time from its arrival in S3 to its bundle in the mailbox, in three parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from baler.files.landed_file import LandedFile


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds, to the millisecond. A part whose two ends were read from clocks that disagree may be 0, never less.

    Attributes:
        event_delay: from S3's event time until SQS took the message.
        queue_wait: from then to the start of the invocation that bundled the file; earlier attempts are in it.
        processing: from then to the bundle in the mailbox.
    """

    event_delay: float
    queue_wait: float
    processing: float

    @property
    def total(self) -> float:
        """The sum of the parts."""
        return round(self.event_delay + self.queue_wait + self.processing, 3)


class Stopwatch:
    """Takes the latencies of one invocation's files. All moments are seconds since the epoch.

    Args:
        started_at: when the invocation started.
    """

    def __init__(self, started_at: float) -> None:
        self._started_at = started_at
        self._sent_at: dict[str, float] = {}

    def announced(self, file: LandedFile, sent_at: float) -> None:
        """Note when SQS took a message that announces the file; the first counts where there are several."""
        self._sent_at[file.identity] = min(sent_at, self._sent_at.get(file.identity, sent_at))

    def delivered(self, file: LandedFile, delivered_at: float) -> Latency:
        """Return the latency of a file that was announced and whose bundle is in the mailbox."""
        sent_at = self._sent_at[file.identity]
        return Latency(
            event_delay=_between(file.event_time.timestamp(), sent_at),
            queue_wait=_between(sent_at, self._started_at),
            processing=_between(self._started_at, delivered_at),
        )


def _between(earlier: float, later: float) -> float:
    return max(round(later - earlier, 3), 0.0)
