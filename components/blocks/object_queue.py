"""A queue that announces the objects of one bucket to one function, and the dead letters behind it."""

from dataclasses import dataclass

import pulumi

from components.blocks.policy_document import Statement
from components.blocks.queue import Queue, QueueArgs, accept_events_of_bucket


@dataclass(frozen=True, kw_only=True)
class ObjectQueueArgs:
    """Who may send, and how long messages live."""

    source_bucket_arn: pulumi.Input[str]
    """The only bucket whose events are accepted."""

    source_account: pulumi.Input[str]
    """The account that must own it."""

    what: str
    """What it announces, as a Sid has it: "RawObjects"."""

    queue: QueueArgs
    """With receives enough for the longest outage."""


class ObjectQueue(pulumi.ComponentResource):
    """A queue for the events of one bucket. Its messages wait for hours where S3's own tries to invoke would end."""

    def __init__(self, name: str, args: ObjectQueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:object_queue:ObjectQueue", name, None, opts)
        queue = Queue(name, args.queue, pulumi.ResourceOptions(parent=self))
        self._what = args.what
        self.name = queue.name
        self.url = queue.url
        self.arn = queue.arn
        self.dead_letter_name = queue.dead_letter_name
        self.dead_letter_url = queue.dead_letter_url
        self._dead_letter_arn = queue.dead_letter_arn
        self.policy = queue.restrict(
            [
                accept_events_of_bucket(
                    f"AcceptEventsOf{args.what}",
                    queue_arn=queue.arn,
                    bucket_arn=args.source_bucket_arn,
                    account=args.source_account,
                )
            ]
        )
        self.register_outputs({"url": self.url, "arn": self.arn, "dead_letter_url": self.dead_letter_url})

    def grant_consume(self) -> list[Statement]:
        """Receive messages and settle them: what Lambda does for the function, from outside its network."""
        actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
        return [self._grant("Consume", actions, self.arn)]

    def grant_retry(self) -> list[Statement]:
        """Set when a message that was received is seen again."""
        return [self._grant("Retry", ["sqs:ChangeMessageVisibility"], self.arn)]

    def grant_announce(self) -> list[Statement]:
        """Send messages that announce objects: those whose time has not come."""
        return [self._grant("Announce", ["sqs:SendMessage"], self.arn)]

    def grant_reject(self) -> list[Statement]:
        """Send what can never be processed to the dead letters, with the reason."""
        return [self._grant("Reject", ["sqs:SendMessage"], self._dead_letter_arn)]

    def _grant(self, verb: str, actions: list[str], arn: pulumi.Output[str]) -> Statement:
        return {"Sid": f"{verb}{self._what}", "Effect": "Allow", "Action": actions, "Resource": [arn]}
