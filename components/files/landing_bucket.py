"""The landing bucket: where the external party puts files."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.blocks.bucket_policy import DELETE, PUT, READ, Principals, by, deny_outside, deny_to_others
from components.blocks.policy_document import Statement
from components.blocks.secure_bucket import LifecycleRule, SecureBucket, SecureBucketArgs, every_object
from components.files.ingest_queue import IngestQueue
from components.files.timing import LandingLifecycle


@dataclass(frozen=True, kw_only=True)
class LandingBucketArgs:
    """How long raw files stay, and under which keys."""

    keep_on_destroy: bool
    lifecycle: LandingLifecycle

    prefixes: Sequence[str] = ()
    """Below which alone there are files; none is any key."""


@dataclass(frozen=True, kw_only=True)
class Upload:
    """Where the external party may put files, and from where it must come."""

    prefixes: Sequence[pulumi.Input[str]]
    """What the keys begin with, one of these; empty for any key."""

    source_cidrs: Sequence[pulumi.Input[str]]
    """The networks from which it may put files."""


class LandingBucket(pulumi.ComponentResource):
    """Raw files, versioned so that an overwritten key does not lose its first content, gone after the retention."""

    def __init__(self, name: str, args: LandingBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:landing_bucket:LandingBucket", name, None, opts)
        self._name = name
        self._prefixes = args.prefixes
        self._secure = SecureBucket(
            name,
            SecureBucketArgs(
                keep_on_destroy=args.keep_on_destroy,
                versioned=True,
                lifecycle_rules=[_expire(args.lifecycle)],
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.bucket = self._secure.bucket
        self.arn = self._secure.arn
        self._objects = pulumi.Output.concat(self.arn, "/*")
        self.register_outputs({"bucket": self.bucket, "arn": self.arn})

    def notify(self, queue: IngestQueue, *, after: Sequence[pulumi.Resource]) -> None:
        """Send an event for every created object to its lane. A bucket has one notification configuration.

        Args:
            queue: the ingest queue.
            after: the policy that refuses keys of which no lane would hear.
        """
        aws.s3.BucketNotification(
            self._name,
            bucket=self.bucket,
            queues=[
                aws.s3.BucketNotificationQueueArgs(
                    queue_arn=lane.arn,
                    events=["s3:ObjectCreated:*"],
                    # Two that overlap would be refused (S3 API, FilterRule); the settings refuse them before.
                    filter_prefix=lane.prefix or None,
                )
                for lane in queue.lanes
            ],
            # S3 sends a test event when this is stored, and refuses it if the queue's policy does not let it.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*(lane.fed_after for lane in queue.lanes), *after]),
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

    def grant_list_versions(self) -> list[Statement]:
        """List the versions in the bucket: their keys, sizes and times, and nothing of what is in them."""
        return [
            {
                "Sid": "ListLandedFiles",
                "Effect": "Allow",
                "Action": ["s3:ListBucketVersions"],
                "Resource": [self.arn],
            },
        ]

    def grant_inspect(self) -> list[Statement]:
        """Read where the bucket sends its events, and nothing that is in it."""
        return [
            {
                "Sid": "InspectNotification",
                "Effect": "Allow",
                "Action": ["s3:GetBucketNotification"],
                "Resource": [self.arn],
            }
        ]

    def grant_put_only(self, upload: Upload) -> list[Statement]:
        """Put files under the prefixes from these networks, and be refused everything else everywhere."""
        files = self._files(upload)
        return [
            {
                "Sid": "PutFiles",
                "Effect": "Allow",
                "Action": ["s3:PutObject"],
                "Resource": files,
                "Condition": {"IpAddress": {"aws:SourceIp": list(upload.source_cidrs)}},
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
                "NotResource": files,
            },
            {
                "Sid": "DenyOtherNetworks",
                "Effect": "Deny",
                "Action": ["s3:PutObject"],
                "Resource": files,
                # Also holds for a request without a source address, which came through somebody's VPC endpoint.
                "Condition": {"NotIpAddress": {"aws:SourceIp": list(upload.source_cidrs)}},
            },
        ]

    def restrict(
        self,
        *,
        writer_role_arn: pulumi.Input[str],
        upload: Upload,
        reader_role_arn: pulumi.Input[str],
        vpc_ids: Sequence[pulumi.Input[str]],
        operators: Principals,
    ) -> aws.s3.BucketPolicy:
        """Refuse files from anybody but the external party, and to anybody but the aggregator and the operators.

        Nobody puts a file that the aggregator could not read, or that costs more than its retention is worth.

        Args:
            writer_role_arn: the external party's.
            upload: what it was granted.
            reader_role_arn: the aggregator's.
            vpc_ids: the networks that the aggregator must come from; none lets it come from anywhere.
            operators: ARNs of those who may look at files, put them again and delete them.
        """
        objects = [self._objects]
        refusals: list[Statement] = [
            *deny_outside(vpc_ids, reader_role_arn, self.arn),
            deny_to_others("DenyPutToOthers", PUT, objects, [writer_role_arn, *operators]),
            # Glacier's classes must be restored before they are read; the infrequent ones are paid for 30 days or more.
            _deny_put("DenyOtherStorageClasses", objects, unless={"s3:x-amz-storage-class": "STANDARD"}),
            # What a KMS key encrypts is read by those alone whom that key lets.
            _deny_put("DenyOtherEncryption", objects, unless={"s3:x-amz-server-side-encryption": "AES256"}),
            {
                "Sid": "DenyKeysOfTheirOwn",
                "Effect": "Deny",
                "Principal": "*",
                "Action": ["s3:PutObject"],
                "Resource": objects,
                "Condition": {"Null": {"s3:x-amz-server-side-encryption-customer-algorithm": "false"}},
            },
            deny_to_others("DenyReadToOthers", READ, objects, [reader_role_arn, *operators]),
            # The files go when they expire.
            deny_to_others("DenyDeleteToOthers", DELETE, objects, operators),
            {
                "Sid": "DenyAllButPutToTheExternalParty",
                "Effect": "Deny",
                "Principal": "*",
                "NotAction": ["s3:PutObject"],
                "Resource": [self.arn, self._objects],
                "Condition": by(writer_role_arn),
            },
            {
                "Sid": "DenyOtherNetworksToTheExternalParty",
                "Effect": "Deny",
                "Principal": "*",
                "Action": ["s3:PutObject"],
                "Resource": objects,
                "Condition": {**by(writer_role_arn), "NotIpAddress": {"aws:SourceIp": list(upload.source_cidrs)}},
            },
        ]
        # Without a prefix nothing would be left to refuse, and S3 does not take a refusal of nothing.
        if all(upload.prefixes):
            refusals.append(
                {
                    "Sid": "DenyPutElsewhereToTheExternalParty",
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": ["s3:PutObject"],
                    "NotResource": self._files(upload),
                    "Condition": by(writer_role_arn),
                }
            )
        if self._prefixes:
            # A file elsewhere would lie unnoticed until reconciliation finds it, whoever put it there.
            refusals.append(
                {
                    "Sid": "DenyPutOfWhatNoQueueHearsOf",
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": PUT,
                    "NotResource": self._below(self._prefixes),
                }
            )
        return self._secure.restrict(refusals)

    def _files(self, upload: Upload) -> list[pulumi.Output[str]]:
        return self._below(upload.prefixes)

    def _below(self, prefixes: Sequence[pulumi.Input[str]]) -> list[pulumi.Output[str]]:
        return [pulumi.Output.concat(self.arn, "/", prefix, "*") for prefix in prefixes]


def _deny_put(sid: str, objects: list[pulumi.Output[str]], *, unless: dict[str, str]) -> Statement:
    """Refuse puts that ask for something else; what asks for nothing gets the bucket's default, which is the same."""
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:PutObject"],
        "Resource": objects,
        "Condition": {"Null": dict.fromkeys(unless, "false"), "StringNotEquals": unless},
    }


def _expire(lifecycle: LandingLifecycle) -> LifecycleRule:
    return LifecycleRule(
        id="expire-raw-files",
        status="Enabled",
        filter=every_object(),
        # Given as days, it also removes the delete markers that expiry itself leaves behind.
        expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=lifecycle.expiration_days),
        noncurrent_version_expiration=(
            aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                noncurrent_days=lifecycle.noncurrent_days
            )
        ),
    )
