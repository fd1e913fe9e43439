"""Waits until the pipeline has nothing left to do."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from baler.files import objectives
from baler.files.bundle.ids import PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.demo.recipient import Recipient
    from sandbox.deployed import DeployedFiles
    from sandbox.engine.endpoint import Endpoint

# What has not moved for twice the objective's own bound is stuck: on a bad day a second attempt may die as well.
_STUCK_SECONDS: Final = 2.0 * objectives.NEARLY_ALL_SECONDS
_POLL_SECONDS: Final = 0.3


class PipelineProgress:
    """How far a stack's files have come, as the outside sees it."""

    def __init__(self, aws: Endpoint, deployed: DeployedFiles, is_calm: Callable[[], bool] = lambda: True) -> None:
        self._aws = aws
        self._deployed = deployed
        self.is_calm = is_calm
        """Tells whether nothing is on its way between the bucket and the queue."""

    def waiting(self) -> tuple[int, int, int]:
        """How many messages are in the queue, dead, and whether bundles are in the mailbox."""
        mailbox = self._aws.s3.list_objects_v2(Bucket=self._deployed.distribution_bucket, Prefix=PREFIX)
        return (
            sum(self._messages(url) for url in self._deployed.ingest_queue_urls),
            self._messages(self._deployed.dead_letter_queue_url),
            mailbox["KeyCount"],
        )

    def _messages(self, url: str) -> int:
        attributes = self._aws.sqs.get_queue_attributes(
            QueueUrl=url,
            AttributeNames=[
                "ApproximateNumberOfMessages",
                "ApproximateNumberOfMessagesNotVisible",
                "ApproximateNumberOfMessagesDelayed",
            ],
        )["Attributes"]
        return sum(int(number) for number in attributes.values())


def wait_until_settled(
    progress: PipelineProgress, expected: int, recipient: Recipient, on_progress: Callable[[int], None]
) -> bool:
    """Wait until all files are received, neither queue nor mailbox holds anything, and nothing more is to happen.

    Args:
        progress: the stack's.
        expected: how many files are to be received.
        recipient: who receives them.
        on_progress: called with how many files are received.

    Returns:
        False where nothing had moved for a long time, or what is left has died.
    """
    seen: object = None
    moved = time.monotonic()
    while time.monotonic() - moved < _STUCK_SECONDS:
        recipient.check()
        received, (queued, dead, mailed) = recipient.received(), progress.waiting()
        on_progress(received)
        calm = progress.is_calm() and not recipient.busy()
        if queued == 0 and mailed == 0 and received + dead >= expected and calm:
            return dead == 0
        if (received, queued, dead, mailed) != seen:
            seen, moved = (received, queued, dead, mailed), time.monotonic()
        time.sleep(_POLL_SECONDS)
    return False
