"""The raw bucket: every answer of a source as it came, and beside it why some records are none."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.bucket_policy import (
    DELETE,
    PUT,
    READ,
    Principals,
    deny_overwriting,
    deny_to_all,
    deny_to_others,
)
from components.blocks.lifecycle import archive_after, expire_after
from components.blocks.object_queue import ObjectQueue
from components.blocks.policy_document import Statement
from components.blocks.secure_bucket import LifecycleRule, SecureBucket, SecureBucketArgs

# Where answers lie. What is put here is announced.
_RAW: Final = "raw/"

# Why records of an answer were set aside. Nobody is told of it.
_REJECTED: Final = "rejected/"


@dataclass(frozen=True, kw_only=True)
class RawBucketArgs:
    """How long objects stay; 0 days is for ever."""

    keep_on_destroy: bool
    archive_days: int
    """Days until large raw objects move to Glacier; 0 leaves them."""

    retention_days: int
    """Days until raw objects end, and what is said of them."""


class RawBucket(pulumi.ComponentResource):
    """Answers by source and day, versioned, that nobody deletes: their time alone ends them, where they have one."""

    def __init__(self, name: str, args: RawBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:raw_bucket:RawBucket", name, None, opts)
        self._name = name
        self._secure = SecureBucket(
            name,
            SecureBucketArgs(
                keep_on_destroy=args.keep_on_destroy, versioned=True, lifecycle_rules=list(_lifecycle(args))
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.bucket = self._secure.bucket
        self.arn = self._secure.arn
        self._raw = pulumi.Output.concat(self.arn, f"/{_RAW}*")
        self._rejected = pulumi.Output.concat(self.arn, f"/{_REJECTED}*")
        self.register_outputs({"bucket": self.bucket, "arn": self.arn})

    def notify(self, queue: ObjectQueue) -> None:
        """Announce each raw object to the queue. A bucket has one notification configuration."""
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

    def grant_put(self) -> list[Statement]:
        """Put raw objects; read, list and delete nothing."""
        return [
            {"Sid": "PutRawObjects", "Effect": "Allow", "Action": ["s3:PutObject"], "Resource": [self._raw]},
        ]

    def grant_read(self) -> list[Statement]:
        """Read raw objects, each in the version that a message names.

        And list, for S3's answer alone: who may not is told 403 of an object that is gone, as of a mistake in a policy,
        and would try again what can never be read.
        """
        return [
            {
                "Sid": "ReadRawObjects",
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:GetObjectVersion"],
                "Resource": [self._raw],
            },
            {"Sid": "TellThatOneIsGone", "Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": [self.arn]},
        ]

    def grant_set_aside(self) -> list[Statement]:
        """Say of which raw object some records are none, and why."""
        return [
            {"Sid": "SetRecordsAside", "Effect": "Allow", "Action": ["s3:PutObject"], "Resource": [self._rejected]},
        ]

    def restrict(
        self,
        *,
        writer_role_arn: pulumi.Input[str],
        reader_role_arn: pulumi.Input[str],
        operators: Principals,
    ) -> aws.s3.BucketPolicy:
        """Refuse every put but what the two functions are for, reading to others, and deleting to everybody.

        A raw object may be put twice, with metadata that say which was first: the same bytes come again where a source
        went back. Its versions keep both.

        Args:
            writer_role_arn: of ingestion, which alone puts raw objects.
            reader_role_arn: of curation, which reads them and sets records aside.
            operators: ARNs of those who may read, and restore from Glacier.
        """
        everything = [pulumi.Output.concat(self.arn, "/*")]
        return self._secure.restrict(
            [
                deny_to_others("DenyPutToOthers", PUT, everything, [writer_role_arn, reader_role_arn]),
                deny_to_others("DenyPutOfRawToOthers", PUT, [self._raw], [writer_role_arn]),
                deny_overwriting([self._rejected]),
                deny_to_others(
                    "DenyReadToOthers", [*READ, "s3:RestoreObject"], everything, [reader_role_arn, *operators]
                ),
                deny_to_all("DenyDelete", DELETE, everything),
            ]
        )


def _lifecycle(args: RawBucketArgs) -> Iterator[LifecycleRule]:
    """Yield the rules, none of them unless the stack says so: the document's raw layer is immutable."""
    if args.archive_days:
        yield archive_after("glacier", _RAW, days=args.archive_days)
    if args.retention_days:
        yield expire_after("raw-objects", _RAW, days=args.retention_days)
        yield expire_after("rejected-records", _REJECTED, days=args.retention_days)
