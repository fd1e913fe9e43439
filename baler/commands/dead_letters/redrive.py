"""Sends dead letters to the ingest queue again, at a bounded rate.

Each message is sent, then deleted. A crash in between leaves it in both queues, and so does a delete that SQS
refuses: harmless, since whichever copy comes second finds the claim of the first (baler/files/claims/protocol.py). The
copy is a new message: its receives, its retention and its age are counted anew.

SQS's own StartMessageMoveTask moves all that there is or nothing, poison too; this one way serves all and some.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from baler.aws.dead_letter import CALL_MAX, REDRIVEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from mypy_boto3_sqs import SQSClient

    from baler.aws.dead_letter import ReceivedDeadLetter
    from baler.aws.queue_scan import QueueScan

# The least that a call of SQS has ever taken, in bytes of all its messages together.
_CALL_BYTES: Final = 256 * 1024


@dataclass(slots=True)
class RedriveResult:
    """What a redrive did so far.

    Attributes:
        sent: messages that are in the ingest queue now.
        refused: messages that SQS did not take; they are where they were.
        doubled: of those that were sent, how many could not be deleted.
        returned: messages that this very redrive had sent, and that were dead again before it ended.
    """

    sent: int = 0
    refused: int = 0
    doubled: int = 0
    returned: int = 0

    @property
    def complete(self) -> bool:
        """Whether all that was to be moved is gone from the dead letters."""
        return not (self.refused or self.doubled or self.returned)


class Pace:
    """Lets at most `rate` messages a second pass."""

    def __init__(
        self,
        rate: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._rate = rate
        self._clock = clock
        self._sleep = sleep
        self._free_at = clock()

    @property
    def at_once(self) -> int:
        """How many messages may go in one call: what a second allows."""
        return max(1, min(CALL_MAX, math.floor(self._rate)))

    def take(self, messages: int) -> None:
        """Wait until this many messages may pass."""
        self._sleep(max(0.0, self._free_at - self._clock()))
        self._free_at = max(self._free_at, self._clock()) + messages / self._rate


@dataclass(frozen=True, slots=True)
class Redrive:
    """Moves dead letters.

    Attributes:
        client: an SQS client.
        ingest_url: where they go.
        run: what this redrive marks them with.
        pace: how fast.
        on_progress: called with how many messages were dealt with just now.
        sent: the ids that its messages got in the ingest queue.
    """

    client: SQSClient
    ingest_url: str
    run: str
    pace: Pace
    on_progress: Callable[[int], object]
    sent: set[str] = field(default_factory=set[str])

    def move(self, scan: QueueScan, letters: Iterable[ReceivedDeadLetter], moved: RedriveResult) -> None:
        """Send messages and delete them, counting in `moved` as it goes.

        Of their attributes none is sent along: what the function said of a message holds for that attempt alone.
        """
        for group in _groups(self._first_time(letters, moved), self.pace.at_once):
            self.pace.take(len(group))
            answer = self.client.send_message_batch(
                QueueUrl=self.ingest_url,
                Entries=[
                    {
                        "Id": str(number),
                        "MessageBody": letter.body,
                        "MessageAttributes": {REDRIVEN: {"DataType": "String", "StringValue": self.run}},
                    }
                    for number, letter in enumerate(group)
                ],
            )
            self.sent.update(entry["MessageId"] for entry in answer.get("Successful", []))
            refused = {int(entry["Id"]) for entry in answer.get("Failed", [])}
            sent = [letter for number, letter in enumerate(group) if number not in refused]
            moved.sent += len(sent)
            moved.refused += len(refused)
            if sent:
                moved.doubled += len(scan.delete(sent))
            self.on_progress(len(group))

    def _first_time(self, letters: Iterable[ReceivedDeadLetter], moved: RedriveResult) -> Iterator[ReceivedDeadLetter]:
        """Leave out what comes back: to send that again would never end."""
        for letter in letters:
            if letter.redriven == self.run or (letter.rejection and letter.rejection.message_id in self.sent):
                moved.returned += 1
            else:
                yield letter


def _groups(letters: Iterable[ReceivedDeadLetter], at_once: int) -> Iterator[Sequence[ReceivedDeadLetter]]:
    """Split messages into what one call takes."""
    group: list[ReceivedDeadLetter] = []
    size = 0
    for letter in letters:
        length = len(letter.body.encode())
        if group and (len(group) == at_once or size + length > _CALL_BYTES):
            yield group
            group, size = [], 0
        group.append(letter)
        size += length
    if group:
        yield group
