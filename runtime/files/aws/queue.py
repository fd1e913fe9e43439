"""Moves messages that can never be processed to the dead-letter queue."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from baler.aws.queue import OutgoingMessage, SqsQueue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_sqs import SQSClient

    from baler.aws.http.sqs import HttpSqs
    from runtime.files.aggregator.rejection import DeadLetter


class SqsDeadLetters:
    """The DeadLetters port (see runtime/files/aggregator/rejection.py).

    Args:
        client: boto3's, or `baler.aws.http`'s.
        url: the dead-letter queue's URL.
        deadline: when its calls must be over, seconds since the epoch.
    """

    def __init__(self, client: SQSClient | HttpSqs, url: str, deadline: float = math.inf) -> None:
        self._queue = SqsQueue(client, url, deadline)

    def move(self, letters: Sequence[DeadLetter]) -> dict[str, str]:
        """Send messages."""
        refused = self._queue.send("send to the dead-letter queue", [_outgoing(letter) for letter in letters])
        return {letters[position].message.message_id: reason for position, reason in refused.items()}


def _outgoing(letter: DeadLetter) -> OutgoingMessage:
    message = letter.message
    return OutgoingMessage(
        message.body,
        {
            "reason": letter.reason.value,
            "message-id": message.message_id,
            "sent-timestamp": round(message.sent_at * 1000),
            "receive-count": message.receives,
        },
    )
