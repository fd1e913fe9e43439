"""The archive bucket: every bundle, for good."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.policy_document import Statement
from components.secure_bucket import Durability, LifecycleRule, SecureBucket, SecureBucketArgs, every_object


@dataclass(frozen=True, kw_only=True)
class ArchiveBucketArgs:
    """When bundles become cheap to keep and slow to read."""

    durability: Durability
    transition_days: int
    """Days until a bundle moves to Deep Archive, from where reading it takes hours."""


class ArchiveBucket(pulumi.ComponentResource):
    """The authoritative bundles, versioned against accidental deletion, in Deep Archive after a while."""

    def __init__(self, name: str, args: ArchiveBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:archive_bucket:ArchiveBucket", name, None, opts)
        secure = SecureBucket(
            name,
            SecureBucketArgs(
                durability=args.durability,
                versioned=True,
                lifecycle_rules=[_deep_archive_after(args.transition_days)],
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.bucket = secure.bucket
        self.arn = secure.arn
        self._bundles = pulumi.Output.concat(secure.arn, "/bundles/*")
        self.register_outputs({"bucket": self.bucket, "arn": self.arn})

    def grant_archive(self) -> list[Statement]:
        """Put bundles and read them back, to finish what a dead attempt began; delete nothing."""
        return [
            {
                "Sid": "ArchiveBundles",
                "Effect": "Allow",
                "Action": ["s3:PutObject", "s3:GetObject"],
                "Resource": [self._bundles],
            }
        ]


def _deep_archive_after(days: int) -> LifecycleRule:
    return LifecycleRule(
        id="deep-archive",
        status="Enabled",
        filter=every_object(),
        transitions=[aws.s3.BucketLifecycleConfigurationRuleTransitionArgs(days=days, storage_class="DEEP_ARCHIVE")],
        noncurrent_version_transitions=[
            aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionTransitionArgs(
                noncurrent_days=days, storage_class="DEEP_ARCHIVE"
            )
        ],
    )
