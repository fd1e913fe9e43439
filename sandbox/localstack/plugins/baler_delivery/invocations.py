"""Asynchronous invocations that come late or twice.

"Even if your function doesn't return an error, it's possible for it to receive the same event from Lambda multiple
times because the queue itself is eventually consistent", and "might remain in the queue for up to 6 hours":
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING

from baler_wire.current import in_force
from localstack.runtime import hooks

from baler_delivery.later import later

if TYPE_CHECKING:
    from collections.abc import Callable

    from localstack.services.lambda_.invocation.event_manager import LambdaEventManager
    from localstack.services.lambda_.invocation.lambda_models import Invocation

_SERVICE = "lambda"


@hooks.on_infra_start()
def invoke_at_least_once() -> None:
    """Let asynchronous events come late and twice, as often as the profile says."""
    from localstack.services.lambda_.invocation.event_manager import LambdaEventManager  # noqa: PLC0415 - see above

    LambdaEventManager.enqueue_event = _on_its_way(LambdaEventManager.enqueue_event)


def _on_its_way(
    enqueue: Callable[[LambdaEventManager, Invocation], None],
) -> Callable[[LambdaEventManager, Invocation], None]:
    from localstack.services.lambda_.invocation.event_manager import SQSInvocation, get_sqs_client  # noqa: PLC0415 - see above

    @wraps(enqueue)
    def enqueued(manager: LambdaEventManager, invocation: Invocation) -> None:
        wire = in_force()
        expected = wire.profile.invocations
        twice = wire.happens(_SERVICE, "event-twice", expected.twice)
        if not twice and expected.delay is None:
            enqueue(manager, invocation)
            return
        queue, body = get_sqs_client(manager.version_manager.function_version), SQSInvocation(invocation).encode()

        def put() -> None:
            queue.send_message(QueueUrl=manager.event_queue_url, MessageBody=body)

        for _ in range(2 if twice else 1):
            seconds = 0.0
            if expected.delay is not None:
                wire.counts.fault(_SERVICE, "event-delayed")
                seconds = wire.dice.milliseconds("delay of an event of a function", expected.delay) / 1000
            later(seconds, put)

    return enqueued
