"""Rules about queues."""

from collections.abc import Iterator, Sequence
from typing import Final

from policy.rule import Declared, ResourceRule, StackRule, pointing_at
from policy.transport import without_plain_refusal

_QUEUE: Final = "aws:sqs/queue:Queue"
_POLICY: Final = "aws:sqs/queuePolicy:QueuePolicy"
_REDRIVE: Final = "aws:sqs/redrivePolicy:RedrivePolicy"


def _unencrypted(declared: Declared, _stack: str) -> Iterator[str]:
    encrypted = declared.props.get("sqsManagedSseEnabled") or declared.props.get("kmsMasterKeyId")
    if declared.type == _QUEUE and not encrypted:
        yield "Its messages are not encrypted: set sqsManagedSseEnabled."


def _without_dead_letters(resources: Sequence[Declared]) -> Iterator[tuple[Declared, str]]:
    for queue in resources:
        if queue.type != _QUEUE or queue.refers.get("redrivePolicy"):
            continue
        # What gives it one afterwards, because the dead-letter queue has to name it first.
        if any(given.refers.get("redrivePolicy") for given in pointing_at(queue, resources, (_REDRIVE,), "queueUrl")):
            continue
        if not any(pointing_at(queue, resources, (_QUEUE,), "redrivePolicy")):
            yield queue, "A poison message would come back for ever: set redrivePolicy to a dead-letter queue."


def _without_policy(resources: Sequence[Declared]) -> Iterator[tuple[Declared, str]]:
    for queue in resources:
        if queue.type == _QUEUE and not any(pointing_at(queue, resources, (_POLICY,), "queueUrl")):
            yield queue, "It has no policy, so it takes requests without TLS: give it a QueuePolicy."


def _weak_policy(declared: Declared, _stack: str) -> Iterator[str]:
    if declared.type == _POLICY:
        yield from without_plain_refusal(declared, "sqs")


RULES: Final = (
    ResourceRule("queue-is-encrypted", "A queue encrypts its messages.", _unencrypted),
    StackRule("queue-has-dead-letters", "A queue gives up on a message in the end.", _without_dead_letters),
    StackRule("queue-has-a-policy", "A queue has a policy.", _without_policy),
    ResourceRule("queue-wants-tls", "A queue refuses requests without TLS.", _weak_policy),
)
