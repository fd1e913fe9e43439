"""A bucket with the defaults that every bucket of Baler has."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.blocks.bucket_policy import deny_weak_transport
from components.blocks.policy_document import Statement, policy_document

LifecycleRule = aws.s3.BucketLifecycleConfigurationRuleArgs


@dataclass(frozen=True, kw_only=True)
class ObjectLock:
    """How long versions are kept from deletion after they came, whoever asks."""

    days: int
    mode: Literal["GOVERNANCE", "COMPLIANCE"]
    """GOVERNANCE binds all without s3:BypassGovernanceRetention, COMPLIANCE everybody, the account's root too."""


@dataclass(frozen=True, kw_only=True)
class SecureBucketArgs:
    """What differs between Baler's buckets."""

    keep_on_destroy: bool
    """The bucket refuses to be destroyed while it still holds objects."""

    versioned: bool
    """Keep what is overwritten or deleted as a noncurrent version."""

    lifecycle_rules: Sequence[LifecycleRule] = ()
    """Rules beside the abort of stale multipart uploads. A bucket has one lifecycle configuration: all are here."""

    lock: ObjectLock | None = None
    """Keeps versions from deletion; needs versioning. Every put then needs a checksum."""


class SecureBucket(pulumi.ComponentResource):
    """Encrypted (SSE-S3), owned by its account alone, never public, TLS 1.2 or newer, no stale multipart uploads.

    Protect the component, and Pulumi protects all that it is made of: each resource asks its parent. A bucket that is
    protected alone would lose its policy and its settings before `pulumi destroy` stops at it, since what refers to a
    bucket is deleted first.
    """

    def __init__(self, name: str, args: SecureBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:secure_bucket:SecureBucket", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self._name = name
        bucket = aws.s3.Bucket(
            name,
            force_destroy=not args.keep_on_destroy,
            object_lock_enabled=True if args.lock else None,
            opts=child,
        )
        self.bucket: pulumi.Output[str] = bucket.bucket
        self.arn: pulumi.Output[str] = bucket.arn
        self.domain_name: pulumi.Output[str] = bucket.bucket_regional_domain_name
        """Its own host among those of S3, in its region."""
        aws.s3.BucketOwnershipControls(
            name,
            bucket=bucket.bucket,
            rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            opts=child,
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            name,
            bucket=bucket.bucket,
            rules=[
                aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    apply_server_side_encryption_by_default=(
                        aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                            sse_algorithm="AES256"
                        )
                    )
                )
            ],
            opts=child,
        )
        self._public_access_block = aws.s3.BucketPublicAccessBlock(
            name,
            bucket=bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=child,
        )
        # Lifecycle rules about noncurrent versions are accepted before versioning is on, but then mean nothing.
        self.versioned: list[pulumi.Resource] = []
        """What must be there before something is said of versions; nothing where none are kept."""
        if args.versioned:
            versioning = aws.s3.BucketVersioning(
                name,
                bucket=bucket.bucket,
                versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
                opts=child,
            )
            self.versioned.append(versioning)
        if args.lock:
            aws.s3.BucketObjectLockConfiguration(
                name,
                bucket=bucket.bucket,
                rule=aws.s3.BucketObjectLockConfigurationRuleArgs(
                    default_retention=aws.s3.BucketObjectLockConfigurationRuleDefaultRetentionArgs(
                        days=args.lock.days, mode=args.lock.mode
                    )
                ),
                opts=pulumi.ResourceOptions(parent=self, depends_on=self.versioned),
            )
        aws.s3.BucketLifecycleConfiguration(
            name,
            bucket=bucket.bucket,
            rules=[_abort_stale_multipart_uploads(), *args.lifecycle_rules],
            # S3's default leaves objects below 128 KB in the class that they came in, however many they are.
            transition_default_minimum_object_size="varies_by_storage_class",
            opts=pulumi.ResourceOptions(parent=self, depends_on=self.versioned),
        )
        self.register_outputs({"bucket": self.bucket, "arn": self.arn})

    def restrict(self, statements: Sequence[Statement]) -> aws.s3.BucketPolicy:
        """Make the bucket's one policy: these statements, and the refusal of weak transport. Call it once.

        Only services of AWS, which have no policy of their own, are allowed anything here. And nothing that configures
        the bucket is refused to anybody: a mistake in a refusal can be taken back by those who deployed it.
        """
        return aws.s3.BucketPolicy(
            self._name,
            bucket=self.bucket,
            policy=policy_document([*deny_weak_transport(self.arn), *statements]),
            # S3 refuses two changes of one bucket's access settings at the same time (409 OperationAborted).
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._public_access_block]),
        )


def every_object() -> aws.s3.BucketLifecycleConfigurationRuleFilterArgs:
    """Return the lifecycle filter that takes every object of a bucket."""
    return aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix="")


def _abort_stale_multipart_uploads() -> LifecycleRule:
    return LifecycleRule(
        id="abort-stale-multipart-uploads",
        status="Enabled",
        filter=every_object(),
        abort_incomplete_multipart_upload=(
            aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(days_after_initiation=1)
        ),
    )
