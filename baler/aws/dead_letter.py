"""A message in the dead-letter queue, and what the function noted on those that it moved there itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_sqs.type_defs import MessageTypeDef

# The message attribute by which a redrive knows what it has sent already; it survives the move to the dead letters.
REDRIVEN: Final = "redriven"
# Those with which the function says why it moved a message here (runtime/files/aggregator); SQS's own move adds none.
_REASON: Final = "reason"
_MESSAGE_ID: Final = "message-id"
_SENT_MILLISECONDS: Final = "sent-timestamp"
_RECEIVES: Final = "receive-count"
ATTRIBUTES: Final = (REDRIVEN, _REASON, _MESSAGE_ID, _SENT_MILLISECONDS, _RECEIVES)
# SQS takes and gives at most this many messages in one call.
CALL_MAX: Final = 10

_DIGITS_MAX: Final = 14


@dataclass(frozen=True, slots=True)
class RejectionNote:
    """What the function says of a message that it moved to the dead letters; anybody else may have written it, too.

    Attributes:
        reason: why it can never be processed.
        message_id: the id that it had in the ingest queue.
        sent_at: when it was sent to the ingest queue, UTC.
        receives: how often it was received there.
    """

    reason: str
    message_id: str | None = None
    sent_at: datetime | None = None
    receives: int | None = None


@dataclass(frozen=True, slots=True)
class ReceivedDeadLetter:
    """A message in the dead-letter queue.

    Attributes:
        message_id: SQS's, kept when SQS moves a message from the ingest queue; the function's move makes a new one.
        receipt: by which this run may hide or delete it.
        body: what S3, or anyone else, wrote.
        sent_at: from when SQS counts its retention, UTC: sent to the ingest queue, or moved here by the function.
        receives: how often it was received so far; every inspection counts too.
        redriven: the redrive that sent it, or None where it has not been redriven before.
        rejection: None where SQS moved it, because it had been received too often.
    """

    message_id: str
    receipt: str
    body: str
    sent_at: datetime
    receives: int
    redriven: str | None
    rejection: RejectionNote | None = None


def dead_letter(message: MessageTypeDef) -> ReceivedDeadLetter:
    """Read a message as SQS gives it out."""
    attributes = message.get("Attributes", {})
    sent = int(attributes.get("SentTimestamp", "0")) / 1000
    marks = {name: mark.get("StringValue", "") for name, mark in message.get("MessageAttributes", {}).items()}
    return ReceivedDeadLetter(
        message_id=message.get("MessageId", ""),
        receipt=message.get("ReceiptHandle", ""),
        body=message.get("Body", ""),
        sent_at=datetime.fromtimestamp(sent, UTC),
        receives=int(attributes.get("ApproximateReceiveCount", "0")),
        redriven=marks.get(REDRIVEN),
        rejection=_rejection(marks),
    )


def _rejection(marks: Mapping[str, str]) -> RejectionNote | None:
    """Read the function's attributes, each as far as it can be read."""
    if not marks.get(_REASON):
        return None
    sent, receives = _number(marks.get(_SENT_MILLISECONDS, "")), _number(marks.get(_RECEIVES, ""))
    return RejectionNote(
        reason=marks[_REASON],
        message_id=marks.get(_MESSAGE_ID),
        sent_at=None if sent is None else datetime.fromtimestamp(sent / 1000, UTC),
        receives=receives,
    )


def _number(text: str) -> int | None:
    """Return a number of at most 14 digits, which as milliseconds are the time until the year 5138."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX else None
