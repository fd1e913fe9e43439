"""The failure bucket: batches that Lambda gave up, with their records, for a redrive to bring back."""

from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.bucket_policy import (
    DELETE,
    PUT,
    READ,
    Principals,
    deny_outside,
    deny_to_all,
    deny_to_others,
)
from components.blocks.lifecycle import expire_after
from components.blocks.policy_document import Statement
from components.blocks.secure_bucket import SecureBucket, SecureBucketArgs

# Where Lambda writes (Lambda developer guide, "Retain discarded batch records", Kinesis).
_WRITTEN_BY_LAMBDA: Final = "aws/lambda/"


class FailureBucket(pulumi.ComponentResource):
    """The stream's dead letters: a queue would be told where the records were, and not what they were."""

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
        super().__init__("baler:failure_bucket:FailureBucket", name, None, opts)
        self._secure = SecureBucket(
            name,
            SecureBucketArgs(
                keep_on_destroy=keep_on_destroy,
                versioned=True,
                lifecycle_rules=[expire_after("failed-batches", _WRITTEN_BY_LAMBDA, days=days)],
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.bucket = self._secure.bucket
        self.arn = self._secure.arn
        self._objects = pulumi.Output.concat(self.arn, f"/{_WRITTEN_BY_LAMBDA}*")
        self.register_outputs({"bucket": self.bucket, "arn": self.arn})

    def grant_set_aside(self) -> list[Statement]:
        """Put failed batches: what Lambda does with the function's role, and how it makes sure that it may."""
        return [
            {
                "Sid": "SetBatchesAside",
                "Effect": "Allow",
                "Action": ["s3:PutObject"],
                "Resource": [self._objects],
            },
            {
                "Sid": "FindFailureBucket",
                "Effect": "Allow",
                "Action": ["s3:ListBucket"],
                "Resource": [self.arn],
            },
        ]

    def grant_read(self) -> list[Statement]:
        """Read failed batches."""
        return [
            {"Sid": "ReadFailedBatches", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": [self._objects]},
        ]

    def restrict(
        self,
        *,
        writer_role_arn: pulumi.Input[str],
        reader_role_arn: pulumi.Input[str],
        vpc_ids: Sequence[pulumi.Input[str]],
        operators: Principals,
    ) -> aws.s3.BucketPolicy:
        """Refuse batches from anybody but Lambda, and to anybody but what recovers them and the operators.

        Args:
            writer_role_arn: the processor's, in whose name Lambda puts, from outside the function's network.
            reader_role_arn: of what recovers.
            vpc_ids: the networks that the latter must come from; none lets it come from anywhere.
            operators: ARNs of those who may read batches, and delete what must be forgotten.
        """
        objects = [pulumi.Output.concat(self.arn, "/*")]
        return self._secure.restrict(
            [
                *deny_outside(vpc_ids, reader_role_arn, self.arn),
                deny_to_others("DenyPutToOthers", PUT, objects, [writer_role_arn]),
                {
                    **deny_to_all("DenyPutToCode", PUT, objects),
                    # Only the requests of a function's code carry the function's ARN; Lambda's own do not. Whoever has
                    # the processor's credentials plants no batch for a redrive.
                    "Condition": {"Null": {"lambda:SourceFunctionArn": "false"}},
                },
                deny_to_others("DenyReadToOthers", READ, objects, [reader_role_arn, *operators]),
                deny_to_others("DenyDeleteToOthers", DELETE, objects, operators),
            ]
        )
