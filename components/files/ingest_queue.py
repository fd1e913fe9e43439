"""The ingest queue: one message for each landed file, and the dead-letter queue behind it."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.blocks.policy_document import Statement, deny_insecure_transport, policy_document
from components.files.timing import SECONDS_PER_DAY


@dataclass(frozen=True, kw_only=True)
class IngestQueueArgs:
    """Who may send, and how long messages live."""

    dead_letter_name: str
    """Logical name of the dead-letter queue."""

    source_bucket_arn: pulumi.Input[str]
    """The only bucket whose events are accepted."""

    source_account: pulumi.Input[str]
    """The account that must own it: a bucket's name says nothing about that, and names can be taken over."""

    visibility_timeout_seconds: int
    """How long a received message stays hidden from other receivers."""

    retention_days: int
    dead_letter_retention_days: int
    """Counted, like `retention_days`, from the day that the message was first sent."""

    max_receive_count: int
    """Receives after which SQS moves a message to the dead-letter queue: enough for the longest outage."""


class IngestQueue(pulumi.ComponentResource):
    """An encrypted queue for the events of one bucket, and its dead-letter queue, which takes from no other queue."""

    def __init__(self, name: str, args: IngestQueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:ingest_queue:IngestQueue", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        dead_letters = aws.sqs.Queue(
            args.dead_letter_name,
            message_retention_seconds=args.dead_letter_retention_days * SECONDS_PER_DAY,
            sqs_managed_sse_enabled=True,
            opts=child,
        )
        queue = aws.sqs.Queue(
            name,
            message_retention_seconds=args.retention_days * SECONDS_PER_DAY,
            visibility_timeout_seconds=args.visibility_timeout_seconds,
            sqs_managed_sse_enabled=True,
            redrive_policy=pulumi.Output.json_dumps(
                {"deadLetterTargetArn": dead_letters.arn, "maxReceiveCount": args.max_receive_count}
            ),
            opts=child,
        )
        self.url: pulumi.Output[str] = queue.url
        self.arn: pulumi.Output[str] = queue.arn
        self.dead_letter_url: pulumi.Output[str] = dead_letters.url
        self._dead_letter_arn: pulumi.Output[str] = dead_letters.arn
        aws.sqs.RedriveAllowPolicy(
            args.dead_letter_name,
            queue_url=dead_letters.url,
            redrive_allow_policy=pulumi.Output.json_dumps(
                {"redrivePermission": "byQueue", "sourceQueueArns": [queue.arn]}
            ),
            opts=child,
        )
        self.policy = aws.sqs.QueuePolicy(
            name,
            queue_url=queue.url,
            policy=policy_document([_accept_events(queue.arn, args), deny_insecure_transport("sqs", [queue.arn])]),
            opts=child,
        )
        aws.sqs.QueuePolicy(
            args.dead_letter_name,
            queue_url=dead_letters.url,
            policy=policy_document([deny_insecure_transport("sqs", [dead_letters.arn])]),
            opts=child,
        )
        self.register_outputs({"url": self.url, "arn": self.arn, "dead_letter_url": self.dead_letter_url})

    def grant_consume(self) -> list[Statement]:
        """Receive messages and settle them: what Lambda does for the function, from outside its network."""
        return [
            {
                "Sid": "ConsumeEvents",
                "Effect": "Allow",
                "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
                "Resource": [self.arn],
            }
        ]

    def grant_announce(self) -> list[Statement]:
        """Send messages that announce files."""
        return [
            {
                "Sid": "AnnounceFiles",
                "Effect": "Allow",
                "Action": ["sqs:SendMessage"],
                "Resource": [self.arn],
            }
        ]

    def grant_inspect(self) -> list[Statement]:
        """Read how many messages there are, and the queue's policies; no message."""
        return [
            {
                "Sid": "InspectIngestQueue",
                "Effect": "Allow",
                "Action": ["sqs:GetQueueAttributes"],
                "Resource": [self.arn],
            }
        ]

    def grant_bring_forward(self) -> list[Statement]:
        """Set when a message that was received is seen again: what the function does itself."""
        return [
            {
                "Sid": "BringRetriesForward",
                "Effect": "Allow",
                "Action": ["sqs:ChangeMessageVisibility"],
                "Resource": [self.arn],
            }
        ]

    def grant_reject(self) -> list[Statement]:
        """Send what can never be processed to the dead-letter queue: what the function does itself, with the reason."""
        return [
            {
                "Sid": "RejectMessages",
                "Effect": "Allow",
                "Action": ["sqs:SendMessage"],
                "Resource": [self._dead_letter_arn],
            }
        ]


def _accept_events(queue_arn: pulumi.Output[str], args: IngestQueueArgs) -> Statement:
    return {
        "Sid": "AcceptEventsOfTheLandingBucket",
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": ["sqs:SendMessage"],
        "Resource": [queue_arn],
        "Condition": {
            "ArnEquals": {"aws:SourceArn": args.source_bucket_arn},
            "StringEquals": {"aws:SourceAccount": args.source_account},
        },
    }
