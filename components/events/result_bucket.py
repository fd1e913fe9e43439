"""The result bucket: what Athena answered, for a week."""

from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.bucket_policy import DELETE, PUT, READ, Principals, deny_to_others
from components.blocks.lifecycle import expire_after
from components.blocks.secure_bucket import SecureBucket, SecureBucketArgs

_DAYS: Final = 7


class ResultBucket(pulumi.ComponentResource):
    """Results of queries, which hold events too: they end, and those alone read them who may read events."""

    def __init__(self, name: str, *, keep_on_destroy: bool, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:result_bucket:ResultBucket", name, None, opts)
        self._secure = SecureBucket(
            name,
            SecureBucketArgs(
                keep_on_destroy=keep_on_destroy,
                # A result is made again by asking again.
                versioned=False,
                lifecycle_rules=[expire_after("results", "", days=_DAYS)],
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.bucket = self._secure.bucket
        self.arn = self._secure.arn
        self.register_outputs({"bucket": self.bucket, "arn": self.arn})

    def restrict(self, people: Principals) -> aws.s3.BucketPolicy:
        """Refuse everything with results to everybody but those who query, in whose name Athena writes them."""
        objects = [pulumi.Output.concat(self.arn, "/*")]
        return self._secure.restrict([deny_to_others("DenyAllToOthers", [*PUT, *READ, *DELETE], objects, people)])
