"""The ingest queue: one message for each landed file, and the dead-letter queue behind it.

It is one queue of SQS, or one for each of the prefixes under which files land: its lanes. A message names its file, so
any lane takes what people and reconciliation send again: they use the first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

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

    prefixes: Sequence[str] = ()
    """Of the keys, one for each lane; none makes one lane for every key."""


@dataclass(frozen=True, kw_only=True)
class IngestLane:
    """A queue of SQS, which takes the events of the files below one prefix."""

    place: int
    """0 for the first."""

    prefix: str
    """What the keys begin with; empty for any key."""

    name: pulumi.Output[str]
    url: pulumi.Output[str]
    arn: pulumi.Output[str]
    fed_after: pulumi.Resource
    """The policy that lets S3 send: S3 refuses a notification before it is there."""

    read_after: Sequence[pulumi.Resource]
    """What must be there before messages are received."""

    def logical_name(self, name: str) -> str:
        """Return a part's logical name for this lane: the first has the part's own, so that a second changes none."""
        return lane_name(name, self.place)


def lane_name(name: str, place: int) -> str:
    """Return what the part of a lane is called: `…-ingest`, `…-ingest-2`."""
    return f"{name}-{place + 1}" if place else name


class IngestQueue(pulumi.ComponentResource):
    """A queue for the events of one bucket, in one or several lanes with one dead-letter queue."""

    def __init__(self, name: str, args: IngestQueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:ingest_queue:IngestQueue", name, None, opts)
        siblings = [lane_name(name, place) for place in range(1, len(args.prefixes))]
        queue = Queue(name, replace(args.queue, siblings=siblings), pulumi.ResourceOptions(parent=self))
        self.url = queue.url
        self.dead_letter_name = queue.dead_letter_name
        self.dead_letter_url = queue.dead_letter_url
        self._dead_letter_arn = queue.dead_letter_arn
        self.lanes = _lanes(queue, args)
        self._arns = [lane.arn for lane in self.lanes]
        self.register_outputs({"url": self.url, "arn": queue.arn, "dead_letter_url": self.dead_letter_url})

    @property
    def urls(self) -> pulumi.Output[str]:
        """The URLs of all lanes, the first lane's first, with spaces between: a variable and an output are text."""
        return pulumi.Output.all(*(lane.url for lane in self.lanes)).apply(" ".join)

    def grant_consume(self) -> list[Statement]:
        """Receive messages and settle them: what Lambda does for the function, from outside its network."""
        return [
            {
                "Sid": "ConsumeEvents",
                "Effect": "Allow",
                "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
                "Resource": self._arns,
            }
        ]

    def grant_announce(self) -> list[Statement]:
        """Send messages that announce files, whose lane does not matter: to the first."""
        return [
            {
                "Sid": "AnnounceFiles",
                "Effect": "Allow",
                "Action": ["sqs:SendMessage"],
                "Resource": self._arns[:1],
            }
        ]

    def grant_inspect(self) -> list[Statement]:
        """Read how many messages there are, and the queue's policies; no message."""
        return [
            {
                "Sid": "InspectIngestQueue",
                "Effect": "Allow",
                "Action": ["sqs:GetQueueAttributes"],
                "Resource": self._arns,
            }
        ]

    def grant_bring_forward(self) -> list[Statement]:
        """Set when a message that was received is seen again: what the function does itself."""
        return [
            {
                "Sid": "BringRetriesForward",
                "Effect": "Allow",
                "Action": ["sqs:ChangeMessageVisibility"],
                "Resource": self._arns,
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


def _lanes(queue: Queue, args: IngestQueueArgs) -> list[IngestLane]:
    prefixes = args.prefixes or [""]
    first = IngestLane(
        place=0,
        prefix=prefixes[0],
        name=queue.name,
        url=queue.url,
        arn=queue.arn,
        fed_after=queue.restrict([_accept_events(queue.arn, args)]),
        read_after=(),
    )
    others = [
        IngestLane(
            place=place,
            prefix=prefix,
            name=sibling.name,
            url=sibling.url,
            arn=sibling.arn,
            fed_after=queue.restrict_sibling(sibling, [_accept_events(sibling.arn, args)]),
            read_after=(sibling.redrive,),
        )
        for place, (prefix, sibling) in enumerate(zip(prefixes[1:], queue.siblings, strict=True), start=1)
    ]
    return [first, *others]


def _accept_events(queue_arn: pulumi.Output[str], args: IngestQueueArgs) -> Statement:
    return accept_events_of_bucket(
        "AcceptEventsOfTheLandingBucket",
        queue_arn=queue_arn,
        bucket_arn=args.source_bucket_arn,
        account=args.source_account,
    )
