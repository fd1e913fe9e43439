"""A queue, and the dead-letter queue behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.policy_document import Statement, deny_insecure_transport, policy_document

_SECONDS_PER_DAY: Final = 86_400
# SQS's default, which requirement document 5 names: whoever reads dead letters hides them as long as he needs himself.
_DEAD_LETTER_VISIBILITY_SECONDS: Final = 30


@dataclass(frozen=True, kw_only=True)
class QueueArgs:
    """How long messages live, and what becomes of those that are received in vain."""

    dead_letter_name: str
    """Logical name of the dead-letter queue."""

    visibility_timeout_seconds: int
    """How long a received message stays hidden from other receivers."""

    retention_days: int
    dead_letter_retention_days: int
    """Counted, like `retention_days`, from the day that the message was first sent."""

    max_receive_count: int
    """Receives after which SQS moves a message to the dead-letter queue."""

    siblings: Sequence[str] = ()
    """Logical names of further queues like it, before the same dead-letter queue: at most nine.

    SQS lets a dead-letter queue name ten sources (API reference, SetQueueAttributes, RedriveAllowPolicy).
    """


def accept_events_of_bucket(
    sid: str, *, queue_arn: pulumi.Input[str], bucket_arn: pulumi.Input[str], account: pulumi.Input[str]
) -> Statement:
    """Let S3 send the events of one bucket.

    Args:
        sid: of the statement.
        queue_arn: where they go.
        bucket_arn: the only bucket whose events are accepted.
        account: what must own it: a bucket's name says nothing about that, and names can be taken over.
    """
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": ["sqs:SendMessage"],
        "Resource": [queue_arn],
        "Condition": {
            "ArnEquals": {"aws:SourceArn": bucket_arn},
            "StringEquals": {"aws:SourceAccount": account},
        },
    }


@dataclass(frozen=True, kw_only=True)
class Sibling:
    """A further queue before the same dead-letter queue."""

    logical_name: str
    name: pulumi.Output[str]
    url: pulumi.Output[str]
    arn: pulumi.Output[str]
    redrive: pulumi.Resource
    """What gives it the dead-letter queue: nobody reads it before that."""


class Queue(pulumi.ComponentResource):
    """An encrypted queue and its dead-letter queue, which takes from it and its siblings, and from no other queue."""

    def __init__(self, name: str, args: QueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:queue:Queue", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self._name = name
        self._args = args
        dead_letters = aws.sqs.Queue(
            args.dead_letter_name,
            message_retention_seconds=args.dead_letter_retention_days * _SECONDS_PER_DAY,
            visibility_timeout_seconds=_DEAD_LETTER_VISIBILITY_SECONDS,
            sqs_managed_sse_enabled=True,
            opts=child,
        )
        queue = aws.sqs.Queue(
            name,
            message_retention_seconds=args.retention_days * _SECONDS_PER_DAY,
            visibility_timeout_seconds=args.visibility_timeout_seconds,
            sqs_managed_sse_enabled=True,
            redrive_policy=pulumi.Output.json_dumps(
                {"deadLetterTargetArn": dead_letters.arn, "maxReceiveCount": args.max_receive_count}
            ),
            opts=child,
        )
        self.name: pulumi.Output[str] = queue.name
        self.url: pulumi.Output[str] = queue.url
        self.arn: pulumi.Output[str] = queue.arn
        self.dead_letter_name: pulumi.Output[str] = dead_letters.name
        self.dead_letter_url: pulumi.Output[str] = dead_letters.url
        self.dead_letter_arn: pulumi.Output[str] = dead_letters.arn
        siblings = {each: self._bare_sibling(each) for each in args.siblings}
        allowed = aws.sqs.RedriveAllowPolicy(
            args.dead_letter_name,
            queue_url=dead_letters.url,
            redrive_allow_policy=pulumi.Output.json_dumps(
                {"redrivePermission": "byQueue", "sourceQueueArns": [queue.arn, *(s.arn for s in siblings.values())]}
            ),
            opts=child,
        )
        self.siblings = [self._sibling(each, bare, allowed) for each, bare in siblings.items()]
        aws.sqs.QueuePolicy(
            args.dead_letter_name,
            queue_url=dead_letters.url,
            policy=policy_document([deny_insecure_transport("sqs", [dead_letters.arn])]),
            opts=child,
        )
        self.register_outputs({"url": self.url, "arn": self.arn, "dead_letter_url": self.dead_letter_url})

    def _bare_sibling(self, name: str) -> aws.sqs.Queue:
        return aws.sqs.Queue(
            name,
            message_retention_seconds=self._args.retention_days * _SECONDS_PER_DAY,
            visibility_timeout_seconds=self._args.visibility_timeout_seconds,
            sqs_managed_sse_enabled=True,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _sibling(self, name: str, queue: aws.sqs.Queue, allowed: aws.sqs.RedriveAllowPolicy) -> Sibling:
        """Give a queue the dead-letter queue, which may have named its sources before this one was there."""
        redrive = aws.sqs.RedrivePolicy(
            name,
            queue_url=queue.url,
            redrive_policy=pulumi.Output.json_dumps(
                {"deadLetterTargetArn": self.dead_letter_arn, "maxReceiveCount": self._args.max_receive_count}
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[allowed]),
        )
        return Sibling(logical_name=name, name=queue.name, url=queue.url, arn=queue.arn, redrive=redrive)

    def restrict_sibling(self, sibling: Sibling, statements: Sequence[Statement]) -> aws.sqs.QueuePolicy:
        """Make the one policy of a sibling, as `restrict` does for the queue. Call it once for each."""
        return aws.sqs.QueuePolicy(
            sibling.logical_name,
            queue_url=sibling.url,
            policy=policy_document([*statements, deny_insecure_transport("sqs", [sibling.arn])]),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def restrict(self, statements: Sequence[Statement]) -> aws.sqs.QueuePolicy:
        """Make the queue's one policy: these statements, and the refusal of requests without TLS. Call it once."""
        return aws.sqs.QueuePolicy(
            self._name,
            queue_url=self.url,
            policy=policy_document([*statements, deny_insecure_transport("sqs", [self.arn])]),
            opts=pulumi.ResourceOptions(parent=self),
        )
