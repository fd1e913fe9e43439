"""Curation's queue and its dead letters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from baler.aws.queue import OutgoingMessage, SqsQueue
from runtime.lake.curation.message_batch import MessageOutcome
from runtime.lake.curation.queue_message import TRIES, WAITS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mypy_boto3_sqs import SQSClient

    from baler.aws.http.sqs import HttpSqs
    from runtime.lake.curation.message_batch import MessageReport


class SqsCurationQueues:
    """The Queues port (see runtime/lake/curation/settlement.py).

    Args:
        client: boto3's, or `baler.aws.http`'s.
        queue: URL of the queue that the batches come from.
        dead_letters: URL of its dead letters.
        deadline: when calls must be over, seconds since the epoch.
    """

    def __init__(
        self, client: SQSClient | HttpSqs, *, queue: str, dead_letters: str, deadline: float = math.inf
    ) -> None:
        self._queue = SqsQueue(client, queue, deadline)
        self._dead_letters = SqsQueue(client, dead_letters, deadline)

    def copy(self, copies: Sequence[tuple[MessageReport, int]]) -> dict[int, str]:
        """Send copies, which SQS holds back and whose receives it counts from the start; ours go on."""
        return self._queue.send("send messages again", [_copy(report, delay) for report, delay in copies])

    def move(self, reports: Sequence[MessageReport]) -> dict[int, str]:
        """Send messages with the attributes that `baler dead-letters` reads."""
        return self._dead_letters.send("send to the dead letters", [_dead_letter(each) for each in reports])

    def set_visibility(self, after: Mapping[str, int]) -> None:
        """Set when messages that stay are seen again."""
        self._queue.set_visibility(after)

    def delete(self, receipts: Sequence[str]) -> None:
        """Delete messages."""
        self._queue.delete(receipts)


def _copy(report: MessageReport, delay: int) -> OutgoingMessage:
    message = report.message
    waits = message.waits + (report.outcome is MessageOutcome.UNAVAILABLE)
    return OutgoingMessage(message.body, {TRIES: message.tries, WAITS: waits}, delay)


def _dead_letter(report: MessageReport) -> OutgoingMessage:
    message = report.message
    return OutgoingMessage(
        message.body,
        {
            "reason": "" if report.refusal is None else report.refusal.value,
            "message-id": message.message_id,
            "sent-timestamp": round(message.sent_at * 1000),
            "receive-count": message.receives,
        },
    )
