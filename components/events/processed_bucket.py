"""The processed bucket: every event with what was added to it, as the document lays it out."""

from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.bucket_policy import DELETE, PUT, READ, Principals, deny_outside, deny_to_others
from components.blocks.lifecycle import expire_after
from components.blocks.object_queue import ObjectQueue
from components.blocks.policy_document import Statement
from components.blocks.secure_bucket import SecureBucket, SecureBucketArgs
from components.events.replicated_bucket import ReplicatedBucket

_PROCESSED: Final = "processed/"


class ProcessedBucket(pulumi.ComponentResource):
    """Processed events by partition, versioned: reprocessing writes an object anew under the same key."""

    def __init__(
        self, name: str, *, keep_on_destroy: bool, days: int, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Declare it.

        Args:
            name: logical name.
            keep_on_destroy: the bucket refuses to be destroyed while it still holds objects.
            days: until an object is deleted; 0 keeps it.
            opts: options of the component.
        """
        super().__init__("baler:processed_bucket:ProcessedBucket", name, None, opts)
        self._name = name
        self._secure = SecureBucket(
            name,
            SecureBucketArgs(
                keep_on_destroy=keep_on_destroy,
                versioned=True,
                lifecycle_rules=[expire_after("processed-events", _PROCESSED, days=days)],
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.bucket = self._secure.bucket
        self.arn = self._secure.arn
        self.location = pulumi.Output.concat("s3://", self.bucket, "/", _PROCESSED)
        self._objects = pulumi.Output.concat(self.arn, f"/{_PROCESSED}*")
        self.register_outputs({"bucket": self.bucket, "arn": self.arn})

    def notify(self, queue: ObjectQueue) -> None:
        """Announce each object to the queue. A bucket has one notification configuration."""
        aws.s3.BucketNotification(
            self._name,
            bucket=self.bucket,
            queues=[
                aws.s3.BucketNotificationQueueArgs(
                    queue_arn=queue.arn, events=["s3:ObjectCreated:*"], filter_prefix=_PROCESSED, filter_suffix=".json"
                )
            ],
            # S3 sends a test event when this is stored, and refuses it if the queue's policy does not let it.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[queue.policy]),
        )

    def grant_write(self) -> list[Statement]:
        """Put processed events."""
        return [self._grant("PutProcessedEvents", "s3:PutObject")]

    def grant_read(self) -> list[Statement]:
        """Read processed events."""
        return [self._grant("ReadProcessedEvents", "s3:GetObject")]

    def replicated(self) -> ReplicatedBucket:
        """Return what is copied to another region: by processed events, raw ones are known there to have counted."""
        return ReplicatedBucket(
            name=self._name,
            what="ProcessedEvents",
            bucket=self.bucket,
            arn=self.arn,
            prefixes=(_PROCESSED,),
            versioned=self._secure.versioned,
        )

    def grant_list(self) -> list[Statement]:
        """Find out which processed events there are."""
        return [{"Sid": "ListProcessedEvents", "Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": [self.arn]}]

    def restrict(  # noqa: PLR0913 - each is named where it is called
        self,
        *,
        writer_role_arn: pulumi.Input[str],
        reader_role_arn: pulumi.Input[str],
        replicator_role_arns: Principals,
        vpc_ids: Sequence[pulumi.Input[str]],
        operators: Principals,
        analysts: Principals,
    ) -> aws.s3.BucketPolicy:
        """Refuse events from anybody but the transformer, and to anybody but the compactor and people who query.

        Args:
            writer_role_arn: the transformer's.
            reader_role_arn: the compactor's.
            replicator_role_arns: of what copies events to another region, which is S3 itself.
            vpc_ids: the networks that these must come from; none lets them come from anywhere.
            operators: ARNs of those who may read events, and delete what must be forgotten.
            analysts: ARNs of those who may read them.
        """
        objects = [pulumi.Output.concat(self.arn, "/*")]
        return self._secure.restrict(
            [
                *deny_outside(vpc_ids, [writer_role_arn, reader_role_arn], self.arn),
                deny_to_others("DenyPutToOthers", PUT, objects, [writer_role_arn]),
                deny_to_others(
                    "DenyReadToOthers",
                    READ,
                    objects,
                    [reader_role_arn, *replicator_role_arns, *operators, *analysts],
                ),
                deny_to_others("DenyDeleteToOthers", DELETE, objects, operators),
            ]
        )

    def _grant(self, sid: str, action: str) -> Statement:
        return {"Sid": sid, "Effect": "Allow", "Action": [action], "Resource": [self._objects]}
