"""The dead-letter queue, read so that a run sees each message once and hides none when it ends.

SQS has no way to look without receiving: a received message is hidden for a while, and its receive count goes up. A
run therefore hides what it reads until its end, then hands back what it did not delete. One that is killed cannot:
what it had read is seen again after HIDDEN_SECONDS.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import TracebackType

    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import ChangeMessageVisibilityBatchResultTypeDef, MessageTypeDef

HIDDEN_SECONDS: Final = 600
# The message attribute by which a redrive knows what it has sent already; it survives the move to the dead letters.
REDRIVEN: Final = "redriven"
# Those with which the function says why it moved a message here (runtime/files/aggregator); SQS's own move adds none.
_REASON: Final = "reason"
_MESSAGE_ID: Final = "message-id"
_SENT_MILLISECONDS: Final = "sent-timestamp"
_RECEIVES: Final = "receive-count"
# SQS takes and gives so many messages in one call.
CALL_MAX: Final = 10

_DIGITS_MAX: Final = 14
# A long poll asks all of SQS's servers, not a sample of them; so many without anything new are the end.
POLL_SECONDS: Final = 1
_LAST_ANSWERS: Final = 2


@dataclass(frozen=True, slots=True)
class Rejection:
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
class DeadLetter:
    """A message in the dead-letter queue.

    Attributes:
        message_id: SQS's, kept when SQS moves a message from the ingest queue; the function's move makes a new one.
        receipt: by which this run may hide or delete it.
        body: what S3, or whoever, wrote.
        sent_at: from when SQS counts its retention, UTC: sent to the ingest queue, or moved here by the function.
        receives: how often it was received so far; every look at the dead letters counts too.
        redriven: the redrive that sent it, or None where it has not been redriven before.
        rejection: None where SQS moved it, because it had been received too often.
    """

    message_id: str
    receipt: str
    body: str
    sent_at: datetime
    receives: int
    redriven: str | None
    rejection: Rejection | None = None


@dataclass(frozen=True, slots=True)
class Depth:
    """What SQS tells of a queue: `messages`, about, seen and hidden, and how long after its sending one is deleted."""

    messages: int
    retention: timedelta


class Reading:
    """One look through the queue, for a `with` block; its end hands back every message that was not deleted.

    Args:
        client: an SQS client.
        url: the queue's URL.
        clock: seconds, from any start.
    """

    def __init__(self, client: SQSClient, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._url = url
        self._clock = clock
        self._hidden_until: dict[str, float] = {}
        self._held: dict[str, DeadLetter] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        held = list(self._held.values())
        for start in range(0, len(held), CALL_MAX):
            # SQS refuses a message that is not hidden any more, which is what is wanted.
            self._hide(held[start : start + CALL_MAX], 0)

    def depth(self) -> Depth:
        """Ask how much there is."""
        counts = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        found = self._client.get_queue_attributes(
            QueueUrl=self._url, AttributeNames=[*counts, "MessageRetentionPeriod"]
        )["Attributes"]
        seconds = int(found["MessageRetentionPeriod"])
        return Depth(sum(int(found[name]) for name in counts), timedelta(seconds=seconds))

    def batches(self) -> Iterator[list[DeadLetter]]:
        """Yield the messages, at most ten at a time, each once; others may be hidden by another reader."""
        fruitless = 0
        while fruitless < _LAST_ANSWERS:
            hidden_until = self._clock() + HIDDEN_SECONDS
            answer = self._client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=CALL_MAX,
                VisibilityTimeout=HIDDEN_SECONDS,
                WaitTimeSeconds=POLL_SECONDS,
                MessageSystemAttributeNames=["ApproximateReceiveCount", "SentTimestamp"],
                MessageAttributeNames=[REDRIVEN, _REASON, _MESSAGE_ID, _SENT_MILLISECONDS, _RECEIVES],
            )
            letters = [_letter(message) for message in answer.get("Messages", [])]
            # One that was read before comes again where the run takes longer than messages are hidden.
            self._held.update((letter.message_id, letter) for letter in letters)
            fresh = [letter for letter in letters if letter.message_id not in self._hidden_until]
            self._hidden_until.update((letter.message_id, hidden_until) for letter in letters)
            fruitless = 0 if fresh else fruitless + 1
            if fresh:
                yield fresh

    def hold(self, letter: DeadLetter) -> bool:
        """Hide a message anew; False where it may be in other hands by now."""
        if self._clock() >= self._hidden_until[letter.message_id]:
            return False
        return not self._hide([letter], HIDDEN_SECONDS).get("Failed")

    def delete(self, letters: Sequence[DeadLetter]) -> list[DeadLetter]:
        """Delete at most ten messages; return those that SQS did not delete."""
        answer = self._client.delete_message_batch(
            QueueUrl=self._url,
            Entries=[{"Id": str(number), "ReceiptHandle": letter.receipt} for number, letter in enumerate(letters)],
        )
        left = {int(entry["Id"]) for entry in answer.get("Failed", [])}
        for number, letter in enumerate(letters):
            if number not in left:
                self._held.pop(letter.message_id, None)
        return [letters[number] for number in sorted(left)]

    def _hide(self, letters: Sequence[DeadLetter], seconds: int) -> ChangeMessageVisibilityBatchResultTypeDef:
        return self._client.change_message_visibility_batch(
            QueueUrl=self._url,
            Entries=[
                {"Id": str(number), "ReceiptHandle": letter.receipt, "VisibilityTimeout": seconds}
                for number, letter in enumerate(letters)
            ],
        )


def _letter(message: MessageTypeDef) -> DeadLetter:
    attributes = message.get("Attributes", {})
    sent = int(attributes.get("SentTimestamp", "0")) / 1000
    marks = {name: mark.get("StringValue", "") for name, mark in message.get("MessageAttributes", {}).items()}
    return DeadLetter(
        message_id=message.get("MessageId", ""),
        receipt=message.get("ReceiptHandle", ""),
        body=message.get("Body", ""),
        sent_at=datetime.fromtimestamp(sent, UTC),
        receives=int(attributes.get("ApproximateReceiveCount", "0")),
        redriven=marks.get(REDRIVEN),
        rejection=_rejection(marks),
    )


def _rejection(marks: Mapping[str, str]) -> Rejection | None:
    """Read the function's attributes, each as far as it can be read."""
    if not marks.get(_REASON):
        return None
    sent, receives = _number(marks.get(_SENT_MILLISECONDS, "")), _number(marks.get(_RECEIVES, ""))
    return Rejection(
        reason=marks[_REASON],
        message_id=marks.get(_MESSAGE_ID),
        sent_at=None if sent is None else datetime.fromtimestamp(sent / 1000, UTC),
        receives=receives,
    )


def _number(text: str) -> int | None:
    """Return a number of at most 14 digits, which as milliseconds are the time until the year 5138."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX else None
