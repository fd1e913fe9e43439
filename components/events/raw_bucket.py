"""The raw bucket: every event as it came, and the records that could never be events."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.bucket_policy import (
    DELETE,
    PUT,
    READ,
    Principals,
    deny_outside,
    deny_overwriting,
    deny_to_others,
)
from components.blocks.lifecycle import archive_after, expire_after
from components.blocks.object_queue import ObjectQueue
from components.blocks.policy_document import Statement
from components.blocks.secure_bucket import SecureBucket, SecureBucketArgs
from components.events.replicated_bucket import ReplicatedBucket

# Where events lie. What is put here is announced.
_RAW: Final = "raw/"

# Records that can never be events. Nobody is told of them: the transformer never hears of one.
_REJECTED: Final = "rejected/"


@dataclass(frozen=True, kw_only=True)
class RawBucketArgs:
    """How long objects stay; 0 days is for ever."""

    keep_on_destroy: bool
    glacier_days: int
    """Days until large objects of events move to Glacier; 0 leaves them."""

    raw_days: int
    rejected_days: int


@dataclass(frozen=True, kw_only=True)
class RawUsers:
    """ARNs of the roles that use the bucket."""

    writers: Principals
    """The processor's, and what recovers."""

    readers: Principals
    """The transformer's."""

    sweeper: pulumi.Input[str]
    """Of what removes events that no batch lists."""

    replicators: Principals
    """Of what copies events to another region, which is S3 itself."""


class RawBucket(pulumi.ComponentResource):
    """Raw events by partition, written once, versioned, in Glacier after a while; and beside them what was rejected."""

    def __init__(self, name: str, args: RawBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:raw_bucket:RawBucket", name, None, opts)
        self._name = name
        self._secure = SecureBucket(
            name,
            SecureBucketArgs(
                keep_on_destroy=args.keep_on_destroy,
                versioned=True,
                lifecycle_rules=[
                    *([archive_after("glacier", _RAW, days=args.glacier_days)] if args.glacier_days else []),
                    expire_after("raw-events", _RAW, days=args.raw_days),
                    expire_after("rejected-records", _REJECTED, days=args.rejected_days),
                ],
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.bucket = self._secure.bucket
        self.arn = self._secure.arn
        self._events = pulumi.Output.concat(self.arn, f"/{_RAW}*")
        self._rejected = pulumi.Output.concat(self.arn, f"/{_REJECTED}*")
        self.register_outputs({"bucket": self.bucket, "arn": self.arn})

    def notify(self, queue: ObjectQueue) -> None:
        """Announce each object of events to the queue. A bucket has one notification configuration."""
        aws.s3.BucketNotification(
            self._name,
            bucket=self.bucket,
            queues=[
                aws.s3.BucketNotificationQueueArgs(
                    queue_arn=queue.arn, events=["s3:ObjectCreated:*"], filter_prefix=_RAW, filter_suffix=".json"
                )
            ],
            # S3 sends a test event when this is stored, and refuses it if the queue's policy does not let it.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[queue.policy]),
        )

    def grant_write(self) -> list[Statement]:
        """Put events and rejected records; read, list and delete nothing."""
        return [
            {
                "Sid": "PutRawEvents",
                "Effect": "Allow",
                "Action": ["s3:PutObject"],
                "Resource": [self._events, self._rejected],
            }
        ]

    def grant_read(self) -> list[Statement]:
        """Read events.

        Not s3:ListBucket, though without it S3 answers 403 instead of 404 for an object that is gone.
        """
        return [
            {"Sid": "ReadRawEvents", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": [self._events]},
        ]

    def replicated(self) -> ReplicatedBucket:
        """Return what is copied to another region: events, and the records that could never be any."""
        return ReplicatedBucket(
            name=self._name,
            what="RawEvents",
            bucket=self.bucket,
            arn=self.arn,
            prefixes=(_RAW, _REJECTED),
            versioned=self._secure.versioned,
        )

    def grant_sweep(self) -> list[Statement]:
        """List versions of events, and remove them for good, each by its id."""
        return [
            {"Sid": "ListRawVersions", "Effect": "Allow", "Action": ["s3:ListBucketVersions"], "Resource": [self.arn]},
            {
                "Sid": "RemoveRawVersions",
                "Effect": "Allow",
                "Action": ["s3:DeleteObjectVersion"],
                "Resource": [self._events],
            },
        ]

    def restrict(
        self, users: RawUsers, *, vpc_ids: Sequence[pulumi.Input[str]], operators: Principals
    ) -> aws.s3.BucketPolicy:
        """Refuse that anybody but what reads the stream writes here, or that anybody overwrites.

        Args:
            users: who may do what.
            vpc_ids: the networks that functions must come from; none lets them come from anywhere.
            operators: ARNs of those who may read events, restore them from Glacier, and delete what must be forgotten.
        """
        objects = [pulumi.Output.concat(self.arn, "/*")]
        readers = [*users.readers, users.sweeper, *users.replicators, *operators]
        return self._secure.restrict(
            [
                *deny_outside(vpc_ids, [*users.writers, *users.readers, users.sweeper], self.arn),
                deny_to_others("DenyPutToOthers", PUT, objects, users.writers),
                deny_overwriting(objects),
                deny_to_others("DenyReadToOthers", [*READ, "s3:RestoreObject"], objects, readers),
                deny_to_others("DenyDeleteToOthers", DELETE, objects, [users.sweeper, *operators]),
            ]
        )
