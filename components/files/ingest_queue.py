"""The ingest queue: one message for each landed file, and the dead-letter queue behind it."""

from dataclasses import dataclass

import pulumi

from components.blocks.policy_document import Statement
from components.blocks.queue import Queue, QueueArgs, accept_events_of_bucket


@dataclass(frozen=True, kw_only=True)
class IngestQueueArgs:
    """Who may send, and how long messages live."""

    source_bucket_arn: pulumi.Input[str]
    """The only bucket whose events are accepted."""

    source_account: pulumi.Input[str]
    """The account that must own it: a bucket's name says nothing about that, and names can be taken over."""

    queue: QueueArgs
    """With receives enough for the longest outage."""


class IngestQueue(pulumi.ComponentResource):
    """A queue for the events of one bucket."""

    def __init__(self, name: str, args: IngestQueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:ingest_queue:IngestQueue", name, None, opts)
        queue = Queue(name, args.queue, pulumi.ResourceOptions(parent=self))
        self.name = queue.name
        self.url = queue.url
        self.arn = queue.arn
        self.dead_letter_name = queue.dead_letter_name
        self.dead_letter_url = queue.dead_letter_url
        self._dead_letter_arn = queue.dead_letter_arn
        self.policy = queue.restrict(
            [
                accept_events_of_bucket(
                    "AcceptEventsOfTheLandingBucket",
                    queue_arn=queue.arn,
                    bucket_arn=args.source_bucket_arn,
                    account=args.source_account,
                )
            ]
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
