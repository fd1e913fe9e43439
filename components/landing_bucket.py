"""The landing bucket: where the external party puts files."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.ingest_queue import IngestQueue
from components.policy_document import Statement
from components.secure_bucket import Durability, LifecycleRule, SecureBucket, SecureBucketArgs, every_object


@dataclass(frozen=True, kw_only=True)
class LandingBucketArgs:
    """How long raw files stay."""

    durability: Durability
    retention_days: int
    """Days until a file expires, and days until a version that was overwritten or expired is deleted."""


class LandingBucket(pulumi.ComponentResource):
    """Raw files, versioned so that an overwritten key does not lose its first content, gone after the retention."""

    def __init__(self, name: str, args: LandingBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:landing_bucket:LandingBucket", name, None, opts)
        self._name = name
        secure = SecureBucket(
            name,
            SecureBucketArgs(
                durability=args.durability,
                versioned=True,
                lifecycle_rules=[_expire_after(args.retention_days)],
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.bucket = secure.bucket
        self.arn = secure.arn
        self._objects = pulumi.Output.concat(secure.arn, "/*")
        self.register_outputs({"bucket": self.bucket, "arn": self.arn})

    def notify(self, queue: IngestQueue) -> None:
        """Send an event for every created object to the queue. A bucket has one notification configuration."""
        aws.s3.BucketNotification(
            self._name,
            bucket=self.bucket,
            queues=[aws.s3.BucketNotificationQueueArgs(queue_arn=queue.arn, events=["s3:ObjectCreated:*"])],
            # S3 sends a test event when this is stored, and refuses it if the queue's policy does not let it.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[queue.policy]),
        )

    def grant_read(self) -> list[Statement]:
        """Read any version of any file.

        Not s3:ListBucket, though without it S3 answers 403 instead of 404 for a file that is gone: the function then
        tries longer before the message is dead, and nobody who has the function's role can list what was sent.
        """
        return [
            {
                "Sid": "ReadLandedFiles",
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:GetObjectVersion"],
                "Resource": [self._objects],
            },
        ]

    def grant_put_only(self, source_cidrs: tuple[str, ...]) -> list[Statement]:
        """Put files from these networks, and be refused everything else everywhere."""
        return [
            {
                "Sid": "PutFiles",
                "Effect": "Allow",
                "Action": ["s3:PutObject"],
                "Resource": [self._objects],
                "Condition": {"IpAddress": {"aws:SourceIp": list(source_cidrs)}},
            },
            {
                "Sid": "DenyAllButPut",
                "Effect": "Deny",
                "NotAction": ["s3:PutObject"],
                # "Everything else" has no narrower form: a refusal of named resources would leave out the others.
                "Resource": ["*"],
            },
            {
                "Sid": "DenyPutElsewhere",
                "Effect": "Deny",
                "Action": ["s3:PutObject"],
                "NotResource": [self._objects],
            },
            {
                "Sid": "DenyOtherNetworks",
                "Effect": "Deny",
                "Action": ["s3:PutObject"],
                "Resource": [self._objects],
                # Also holds for a request without a source address, which came through somebody's VPC endpoint.
                "Condition": {"NotIpAddress": {"aws:SourceIp": list(source_cidrs)}},
            },
        ]


def _expire_after(days: int) -> LifecycleRule:
    return LifecycleRule(
        id="expire-raw-files",
        status="Enabled",
        filter=every_object(),
        # Given as days, it also removes the delete markers that expiry itself leaves behind.
        expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=days),
        noncurrent_version_expiration=(
            aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(noncurrent_days=days)
        ),
    )
