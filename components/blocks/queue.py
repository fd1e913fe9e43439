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


class Queue(pulumi.ComponentResource):
    """An encrypted queue, and its dead-letter queue, which takes from no other queue."""

    def __init__(self, name: str, args: QueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:queue:Queue", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self._name = name
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
        aws.sqs.RedriveAllowPolicy(
            args.dead_letter_name,
            queue_url=dead_letters.url,
            redrive_allow_policy=pulumi.Output.json_dumps(
                {"redrivePermission": "byQueue", "sourceQueueArns": [queue.arn]}
            ),
            opts=child,
        )
        aws.sqs.QueuePolicy(
            args.dead_letter_name,
            queue_url=dead_letters.url,
            policy=policy_document([deny_insecure_transport("sqs", [dead_letters.arn])]),
            opts=child,
        )
        self.register_outputs({"url": self.url, "arn": self.arn, "dead_letter_url": self.dead_letter_url})

    def restrict(self, statements: Sequence[Statement]) -> aws.sqs.QueuePolicy:
        """Make the queue's one policy: these statements, and the refusal of requests without TLS. Call it once."""
        return aws.sqs.QueuePolicy(
            self._name,
            queue_url=self.url,
            policy=policy_document([*statements, deny_insecure_transport("sqs", [self.arn])]),
            opts=pulumi.ResourceOptions(parent=self),
        )
