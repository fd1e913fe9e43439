"""What a producer has done so far."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Statistics:
    """Counts since the producer was made.

    Attributes:
        sent: records that the stream took.
        sent_bytes: theirs, with their partition keys.
        retried: how often a record was sent once more: the stream refused it, or did not answer.
        unanswered: records of calls without an answer. Each was sent again and may be in the stream twice.
        refused: records that can never be sent, by reason.
        calls: of PutRecords.
        seconds: from the first record to the end of the last call.
    """

    sent: int = 0
    sent_bytes: int = 0
    retried: int = 0
    unanswered: int = 0
    refused: Counter[str] = field(default_factory=Counter[str])
    calls: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Records a second that the stream took; 0 before any time has passed."""
        return self.sent / self.seconds if self.seconds else 0.0
