"""Messages that are received once more than they should be.

"On rare occasions, one of the servers that stores a copy of a message might be unavailable when you receive or delete a
message. If this occurs, the copy of the message isn't deleted on that unavailable server, and you might get that
message copy again when you receive messages":
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues-at-least-once-delivery.html
And the visibility timeout "isn't a guarantee against receiving a message twice":
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
"""

from __future__ import annotations

import time
from functools import wraps
from typing import TYPE_CHECKING, Any

from baler_wire.current import in_force
from localstack import config
from localstack.runtime import hooks

if TYPE_CHECKING:
    from collections.abc import Callable

    from localstack.services.sqs.models import SqsMessage, StandardQueue

_SERVICE = "sqs"
# A copy is there again within so many seconds. Nobody says how soon it is on AWS.
_SECONDS_MAX = 5.0


@hooks.on_infra_start()
def deliver_at_least_once() -> None:
    """Let messages of standard queues come again, as often as the profile says."""
    from localstack.services.sqs.models import StandardQueue  # noqa: PLC0415 - when it may be loaded

    StandardQueue.receive = _some_again_early(StandardQueue.receive)
    StandardQueue._on_remove_message = _some_left(StandardQueue._on_remove_message)  # noqa: SLF001 - where it is removed


def _some_again_early(receive: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(receive)
    def receiving(queue: StandardQueue, *arguments: Any, **options: Any) -> Any:
        result = receive(queue, *arguments, **options)
        wire = in_force()
        early = wire.profile.messages.early
        if early and not _is_internal(queue):
            for message in result.successful:
                with queue.mutex:
                    if message in queue.inflight and wire.happens(_SERVICE, "message-early", early):
                        message.visibility_deadline = min(message.visibility_deadline, _soon())
        return result

    return receiving


def _some_left(on_remove: Callable[..., None]) -> Callable[..., None]:
    """Leave a copy of some messages that are deleted; the queue's lock is held."""

    @wraps(on_remove)
    def removing(queue: StandardQueue, message: SqsMessage) -> None:
        on_remove(queue, message)
        wire = in_force()
        if not _is_internal(queue) and wire.happens(_SERVICE, "message-undeleted", wire.profile.messages.undeleted):
            message.deleted = False
            message.visibility_deadline = _soon()
            queue.add_inflight_message(message)

    return removing


def _soon() -> float:
    return time.time() + _SECONDS_MAX * in_force().dice.share("when a message comes again")


def _is_internal(queue: StandardQueue) -> bool:
    """Whether it is one of LocalStack's own, by which it invokes functions."""
    return queue.account_id == config.INTERNAL_RESOURCE_ACCOUNT
