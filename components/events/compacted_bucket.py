"""The compacted bucket: the files of the table that people query."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.blocks.bucket_policy import DELETE, PUT, READ, Principals, deny_outside, deny_to_others
from components.blocks.lifecycle import expire_after
from components.blocks.policy_document import Statement
from components.blocks.secure_bucket import SecureBucket, SecureBucketArgs


class CompactedBucket(pulumi.ComponentResource):
    """Data and metadata of an Iceberg table. Nothing in it ends by age: what a snapshot names must be there.

    The compactor deletes what no snapshot names any more; for a while it can be had back as an earlier version.
    """

    def __init__(self, name: str, *, keep_on_destroy: bool, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:compacted_bucket:CompactedBucket", name, None, opts)
        self._secure = SecureBucket(
            name,
            SecureBucketArgs(
                keep_on_destroy=keep_on_destroy,
                versioned=True,
                lifecycle_rules=[expire_after("files-of-no-snapshot", "", days=0)],
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.bucket = self._secure.bucket
        self.arn = self._secure.arn
        self._objects = pulumi.Output.concat(self.arn, "/*")
        self.register_outputs({"bucket": self.bucket, "arn": self.arn})

    def grant_keep_table(self) -> list[Statement]:
        """Write files of the table, read them back to rewrite them, and delete those that no snapshot names."""
        return [
            {
                "Sid": "KeepTableFiles",
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
                "Resource": [self._objects],
            },
            {
                "Sid": "ListTableFiles",
                "Effect": "Allow",
                "Action": ["s3:ListBucket"],
                "Resource": [self.arn],
            },
        ]

    def restrict(
        self,
        *,
        keeper_role_arn: pulumi.Input[str],
        vpc_ids: Sequence[pulumi.Input[str]],
        operators: Principals,
        analysts: Principals,
    ) -> aws.s3.BucketPolicy:
        """Refuse that anybody but the compactor writes or deletes, or anybody but it and people who query reads.

        Nobody else deletes, the operators neither: a file that a snapshot names and that is gone ends every query.

        Args:
            keeper_role_arn: the compactor's.
            vpc_ids: the networks that it must come from; none lets it come from anywhere.
            operators: ARNs of those who may query.
            analysts: ARNs of others who may.
        """
        objects = [self._objects]
        return self._secure.restrict(
            [
                *deny_outside(vpc_ids, keeper_role_arn, self.arn),
                deny_to_others("DenyPutToOthers", PUT, objects, [keeper_role_arn]),
                deny_to_others("DenyReadToOthers", READ, objects, [keeper_role_arn, *operators, *analysts]),
                deny_to_others("DenyDeleteToOthers", DELETE, objects, [keeper_role_arn]),
            ]
        )
