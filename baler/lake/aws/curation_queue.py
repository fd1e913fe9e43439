"""Curation's queue, as raw objects are announced to it once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baler.aws.queue import OutgoingMessage, SqsQueue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_sqs import SQSClient


class SqsCurationQueue:
    """The CurationQueue port (see baler/lake/rebuild.py).

    Args:
        client: boto3's.
        url: of the queue.
    """

    def __init__(self, client: SQSClient, url: str) -> None:
        self._queue = SqsQueue(client, url)

    def send(self, bodies: Sequence[str]) -> int:
        """Send messages; those of a call without an answer count as not taken, and being sent twice harms nothing."""
        return len(self._queue.send("announce raw objects", [OutgoingMessage(body) for body in bodies]))
