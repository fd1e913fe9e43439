"""Moves messages that can never be processed to the dead-letter queue, with the reason.

Left to SQS they would have to use up receives, of which good messages need many: an outage takes hours. The order is:
send, note, acknowledge. A function that dies in between sends the message a second time, which does no harm there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from baler.files.claims.model import Rejection
from baler.files.reason import Reason
from baler.store_errors import Unavailable
from runtime.files.aggregator.file_outcome import Outcome, retry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baler.files.claims.protocol import Concurrently
    from runtime.files.aggregator.batch import BatchReport, Message


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message on its way to the dead-letter queue."""

    message: Message
    reason: Reason


class DeadLetters(Protocol):
    """The dead-letter queue."""

    def move(self, letters: Sequence[DeadLetter]) -> dict[str, str]:
        """Send messages there; return why it did not take those that it did not take, by message id."""
        ...


class RejectionTable(Protocol):
    """Where it is noted which files were rejected."""

    def note_rejection(self, rejection: Rejection) -> None:
        """Write it; writing it again is harmless."""
        ...


def move_rejected(
    messages: Sequence[Message],
    report: BatchReport,
    dead_letters: DeadLetters,
) -> dict[str, str]:
    """Move the messages that the report rejects; those that could not be moved are to be tried again.

    Returns:
        Why that could not be done, by message id.
    """
    letters = [
        DeadLetter(message, outcome.reason)
        for message in messages
        if (outcome := report.messages[message.message_id]).kind is Outcome.REJECTED and outcome.reason
    ]
    refused = dead_letters.move(letters) if letters else {}
    report.messages |= dict.fromkeys(refused, retry(Reason.DEAD_LETTERS_UNAVAILABLE))
    report.moved |= {letter.message.message_id for letter in letters} - refused.keys()
    return refused


def note_rejected(report: BatchReport, table: RejectionTable, concurrently: Concurrently, expires_at: int) -> int:
    """Note the files of the messages that were moved; return how many could not be: they may be sent to us again."""
    rejections = [
        Rejection(file.identity, str(outcome.reason), expires_at)
        for message_id in sorted(report.moved)
        for file in report.announced[message_id]
        if (outcome := report.files[file]).kind is Outcome.REJECTED
    ]

    def note(rejection: Rejection) -> bool:
        try:
            table.note_rejection(rejection)
        except Unavailable:
            return False
        return True

    return list(concurrently(note, rejections)).count(False)
