"""LocalStack's poller of a queue, which hands its batches on in place of waiting for each."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from localstack.services.lambda_.event_source_mapping.pollers.sqs_poller import SqsPoller
from localstack.services.sqs.models import sqs_stores

from baler_queues.turns import Turns

LOG = logging.getLogger(__name__)

# Lambda begins with five batches of a standard queue at a time, and adds more by the minute, for which no sandbox
# waits: Lambda developer guide, "Configuring scaling behavior for SQS event source mappings".
FIRST_READERS = 5
# An empty queue is asked as often as by Lambda's long polls, so that a role that may not is refused then too.
_ASKS_EVERY_SECONDS = 20.0
# After which LocalStack sees whether the mapping is still there.
_PATIENCE_SECONDS = 1.0


class ReadersOfQueue(SqsPoller):
    """Lets as many batches of a standard queue be at work as Lambda does; those of a FIFO queue keep their order."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._turns = Turns(FIRST_READERS)
        self._asks_at = 0.0
        # Turns wait for the window, and LocalStack's request for nothing: it would take the first message that comes
        # to an empty queue by itself, and gather anew for a window of more than 20 seconds.
        self._window_seconds, self.maximum_batching_window = self.maximum_batching_window, 0

    def limit(self, maximum_concurrency: int | None) -> None:
        """Take the mapping's `MaximumConcurrency`, of at least 2; None where it has none."""
        self._turns.at_once = min(FIRST_READERS, maximum_concurrency or FIRST_READERS)

    def poll_events(self) -> None:
        """Take the next batch when it is its turn, and begin with it."""
        is_turn = self._turns.wait(
            self._waiting,
            batch_size=self.batch_size,
            window_seconds=self._window_seconds,
            patience_seconds=_PATIENCE_SECONDS,
        )
        if is_turn or time.monotonic() >= self._asks_at:
            self._asks_at = time.monotonic() + _ASKS_EVERY_SECONDS
            super().poll_events()

    def handle_messages(self, messages: list[dict[str, Any]]) -> None:
        """Let a thread of its own invoke the function and delete what it has done."""
        if self.is_fifo_queue:
            super().handle_messages(messages)
            return
        self._turns.begin()
        threading.Thread(target=self._handle, args=(messages,), name="batch-of-queue", daemon=True).start()

    def close(self) -> None:
        """Wait for what is at work: a mapping is deleted when its batches have ended."""
        self._turns.wait_for_all()

    def _handle(self, messages: list[dict[str, Any]]) -> None:
        try:
            super().handle_messages(messages)
        except Exception as error:  # noqa: BLE001 - as LocalStack does: the messages are seen again by and by
            LOG.warning("A batch of %s failed: %s", self.source_arn, error)
        finally:
            self._turns.end()

    def _waiting(self) -> int:
        _, _, _, region, account, name = self.source_arn.split(":")
        queue = sqs_stores[account][region].queues.get(name)
        return queue.approximate_number_of_messages if queue else 0
