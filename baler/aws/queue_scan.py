"""The dead-letter queue, read so that a run sees each message once and hides none when it ends.

SQS shows a message only by giving it out: a received message is hidden for a while, and its receive count goes up. A
run therefore hides what it reads until its end, then hands back what it did not delete. One that is killed cannot:
what it had read is seen again after HIDDEN_SECONDS.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Self

from baler.aws.dead_letter import ATTRIBUTES, CALL_MAX, dead_letter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import TracebackType

    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import ChangeMessageVisibilityBatchResultTypeDef

    from baler.aws.dead_letter import ReceivedDeadLetter

HIDDEN_SECONDS: Final = 600
# A long poll asks all of SQS's servers, not a sample of them; this many without anything new are the end.
POLL_SECONDS: Final = 1
_LAST_ANSWERS: Final = 2


@dataclass(frozen=True, slots=True)
class Depth:
    """A queue by SQS: `messages`, about, seen and hidden, and how long after its sending one is deleted."""

    messages: int
    retention: timedelta


class QueueScan:
    """One scan of the queue, for a `with` block; its end hands back every message that was not deleted.

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
        self._held: dict[str, ReceivedDeadLetter] = {}

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

    def batches(self) -> Iterator[list[ReceivedDeadLetter]]:
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
                MessageAttributeNames=[*ATTRIBUTES],
            )
            letters = [dead_letter(message) for message in answer.get("Messages", [])]
            # One that was read before comes again where the run takes longer than messages are hidden.
            self._held.update((letter.message_id, letter) for letter in letters)
            fresh = [letter for letter in letters if letter.message_id not in self._hidden_until]
            self._hidden_until.update((letter.message_id, hidden_until) for letter in letters)
            fruitless = 0 if fresh else fruitless + 1
            if fresh:
                yield fresh

    def hold(self, letter: ReceivedDeadLetter) -> bool:
        """Hide a message anew; False where it may be in other hands by now."""
        if self._clock() >= self._hidden_until[letter.message_id]:
            return False
        return not self._hide([letter], HIDDEN_SECONDS).get("Failed")

    def delete(self, letters: Sequence[ReceivedDeadLetter]) -> list[ReceivedDeadLetter]:
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

    def _hide(self, letters: Sequence[ReceivedDeadLetter], seconds: int) -> ChangeMessageVisibilityBatchResultTypeDef:
        return self._client.change_message_visibility_batch(
            QueueUrl=self._url,
            Entries=[
                {"Id": str(number), "ReceiptHandle": letter.receipt, "VisibilityTimeout": seconds}
                for number, letter in enumerate(letters)
            ],
        )
