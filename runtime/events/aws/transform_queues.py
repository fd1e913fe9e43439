"""The transformer's queue and its dead letters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from baler.aws.queue import OutgoingMessage, SqsQueue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from baler.aws.http.sqs import HttpSqs
    from runtime.events.transformer.message_batch import ObjectReport


class SqsTransformQueues:
    """The Queues port (see runtime/events/transformer/settlement.py).

    Args:
        client: `baler.aws.http`'s.
        queue: URL of the queue that the batches come from.
        dead_letters: URL of its dead letters.
        deadline: when calls must be over, seconds since the epoch.
    """

    def __init__(self, client: HttpSqs, *, queue: str, dead_letters: str, deadline: float = math.inf) -> None:
        self._queue = SqsQueue(client, queue, deadline)
        self._dead_letters = SqsQueue(client, dead_letters, deadline)

    def announce_later(self, texts: Sequence[tuple[str, int]]) -> dict[int, str]:
        """Send messages that SQS holds back."""
        messages = [OutgoingMessage(text, delay_seconds=delay) for text, delay in texts]
        return self._queue.send("announce objects again", messages)

    def move(self, objects: Sequence[ObjectReport]) -> dict[int, str]:
        """Send messages, with the attributes that `baler dead-letters` reads."""
        return self._dead_letters.send("send to the dead letters", [_letter(each) for each in objects])

    def set_visibility(self, after: Mapping[str, int]) -> None:
        """Set when messages that stay are seen again, in seconds from now, by their receipt handles.

        Raises:
            Unavailable: the queue's own timeout holds for some.
        """
        self._queue.set_visibility(after)


def _letter(each: ObjectReport) -> OutgoingMessage:
    message, refusal = each.message, each.report.refusal
    return OutgoingMessage(
        each.text,
        {
            "reason": "" if refusal is None else refusal.value,
            "message-id": message.message_id,
            "sent-timestamp": round(message.sent_at * 1000),
            "receive-count": message.receives,
        },
    )
