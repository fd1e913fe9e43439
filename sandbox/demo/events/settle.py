"""Waits until everything that was sent has come to its place, and notes when each object was there."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from sandbox.demo.events.found import PROCESSED_PREFIX, batches_of, keys_of, messages_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.deployed import DeployedEvents
    from sandbox.engine.endpoint import Endpoint

# What has not moved for so long is stuck: on a bad day a message that failed comes again after two minutes.
_STUCK_SECONDS: Final = 240.0
_POLL_SECONDS: Final = 1.0
# Counts of SQS are approximate, and S3 announces an object a moment after it was put.
_QUIET_LOOKS: Final = 3


class Progress:
    """How far the records have come, as the outside sees it.

    Args:
        aws: clients of an operator.
        deployed: the stack.
        is_calm: tells whether nothing is on its way between a bucket and a queue.
    """

    def __init__(self, aws: Endpoint, deployed: DeployedEvents, is_calm: Callable[[], bool] = lambda: True) -> None:
        self._aws = aws
        self._deployed = deployed
        self.is_calm = is_calm
        self._there_at: dict[str, float] = {}

    @property
    def processed_at(self) -> Mapping[str, float]:
        """When each processed object was there, at the latest, seconds since the epoch."""
        return self._there_at

    def look(self) -> None:
        """Note the processed objects that are new."""
        for key, put_at in keys_of(self._aws.s3, self._deployed.processed_bucket, PROCESSED_PREFIX).items():
            # S3 keeps whole seconds of when it was put; it may have been seen earlier than the end of that second.
            self._there_at.setdefault(key, min(put_at, time.time()))

    def committed(self) -> int:
        """How many records are in a committed batch."""
        return sum(batch.total for batch in batches_of(self._aws, self._deployed))

    def waiting(self) -> tuple[int, int]:
        """How many messages wait for the transformer and for the compactor."""
        urls = (self._deployed.transform_queue_url, self._deployed.compaction_queue_url)
        transform, compaction = (messages_in(self._aws, url) for url in urls)
        return transform, compaction


def wait_until_settled(progress: Progress, sent: int, on_progress: Callable[[int], None]) -> bool:
    """Wait until every record is committed, and nothing waits in any queue.

    Args:
        progress: the stack's.
        sent: how many records were sent.
        on_progress: called with how many records are committed.

    Returns:
        False where nothing had moved for a long time.
    """
    seen: object = None
    moved, quiet = time.monotonic(), 0
    while time.monotonic() - moved < _STUCK_SECONDS:
        progress.look()
        committed, waiting = progress.committed(), progress.waiting()
        on_progress(committed)
        if (committed, waiting, len(progress.processed_at)) != seen:
            seen, moved = (committed, waiting, len(progress.processed_at)), time.monotonic()
            quiet = 0
        elif committed >= sent and waiting == (0, 0) and progress.is_calm():
            quiet += 1
            if quiet >= _QUIET_LOOKS:
                return True
        time.sleep(_POLL_SECONDS)
    return False
