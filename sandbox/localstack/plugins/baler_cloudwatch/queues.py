"""What SQS measures of its queues (SQS developer guide, "Available CloudWatch metrics for Amazon SQS").

On AWS once a minute; here each second, so that a period of any length has a sample.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from baler_cloudwatch.samples import measured

if TYPE_CHECKING:
    from collections.abc import Iterable

POISON_RECEIVES = 3
"""A message that was received so often and not deleted is left out of the age, until it is received successfully."""


def sample_queues() -> None:
    """Put how much waits in each queue, and for how long."""
    from localstack.services.sqs.models import sqs_stores  # noqa: PLC0415 - when there may be queues

    for account, region, store in sqs_stores.iter_stores():
        for queue in list(store.queues.values()):
            waiting = {
                "ApproximateNumberOfMessagesVisible": queue.approximate_number_of_messages,
                "ApproximateNumberOfMessagesNotVisible": queue.approximate_number_of_messages_not_visible,
                "ApproximateNumberOfMessagesDelayed": queue.approximate_number_of_messages_delayed,
                "ApproximateAgeOfOldestMessage": oldest_age(_messages(queue), time.time()),
            }
            measured(account, region, "AWS/SQS", {"QueueName": queue.name}, waiting)


def oldest_age(messages: Iterable[Any], now: float) -> float | None:
    """Return the age of the oldest message that counts; None where none does: then there is no sample.

    The age of one that was moved to a dead-letter queue begins with the move, which is when LocalStack makes it anew.
    """
    return max((now - each.created for each in messages if each.receive_count < POISON_RECEIVES), default=None)


def _messages(queue: Any) -> list[Any]:
    visible = getattr(queue, "visible", None)  # a FIFO queue has groups
    with queue.mutex:
        return [*(visible.queue if visible else ()), *queue.inflight, *queue.delayed]


def measure_queue_event(  # noqa: PLR0913, PLR0917 - LocalStack's signature
    account_id: str, region: str, queue_name: str, metric: str, value: float = 1, unit: str = "Count"
) -> None:
    """Take what LocalStack counts of a queue: messages sent, received and deleted."""
    del unit
    measured(account_id, region, "AWS/SQS", {"QueueName": queue_name}, {metric: value})


def leave_to_samples(**_: Any) -> None:
    """Do nothing with what LocalStack publishes of queues each minute: `sample_queues` does it."""
