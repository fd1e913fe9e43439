"""Who read, put or deleted which object: the record that the threat model's answers rest on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.bucket_policy import DELETE, PUT, READ, Principals, deny_to_all, deny_to_others
from components.blocks.policy_document import Condition, Statement
from components.blocks.secure_bucket import LifecycleRule, SecureBucket, SecureBucketArgs, every_object

_CLOUDTRAIL: Final = "cloudtrail.amazonaws.com"
# What an overwritten or expired record, which nothing but expiry makes noncurrent, stays beyond its time.
_NONCURRENT_DAYS: Final = 1


@dataclass(frozen=True, kw_only=True)
class AccessTrailArgs:
    """What is recorded, and for how long."""

    region: pulumi.Input[str]
    account: pulumi.Input[str]
    landing_arn: pulumi.Input[str]
    recorded_arns: Sequence[pulumi.Input[str]]
    """The buckets with bundles, of which everything is recorded."""

    aggregator_role_name: pulumi.Input[str]
    """Whose reads of landed files are not recorded: one for each file, by the one reader that is meant to read it."""

    external_party_role_name: pulumi.Input[str]
    """Whose puts of files are not recorded: one for each file, of which the ingest queue tells."""

    keep_on_destroy: bool
    retention_days: int
    operators: Principals
    """ARNs of those who may read the record."""


class AccessTrail(pulumi.ComponentResource):
    """A CloudTrail trail of data events, and a bucket that CloudTrail alone writes and nobody deletes from.

    Left out are the two events that every file is: the external party's put, which the ingest queue tells, and the
    aggregator's read. Everything else is recorded, refused requests too.
    """

    def __init__(self, name: str, args: AccessTrailArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:access_trail:AccessTrail", name, None, opts)
        secure = SecureBucket(
            name,
            SecureBucketArgs(
                keep_on_destroy=args.keep_on_destroy,
                versioned=True,
                lifecycle_rules=[_expire_after(args.retention_days)],
            ),
            pulumi.ResourceOptions(parent=self),
        )
        trail_arn = pulumi.Output.concat("arn:aws:cloudtrail:", args.region, ":", args.account, ":trail/", name)
        policy = secure.guard([*_let_in(secure.arn, trail_arn, args.account), *_refuse(secure.arn, args.operators)])
        aws.cloudtrail.Trail(
            name,
            name=name,
            s3_bucket_name=secure.bucket,
            is_multi_region_trail=False,
            include_global_service_events=False,
            # Whoever changes a record afterwards is found out (`aws cloudtrail validate-logs`).
            enable_log_file_validation=True,
            advanced_event_selectors=[
                _selector("Everything done with bundles", args.recorded_arns),
                _selector(
                    "Landed files, but puts and what the aggregator does",
                    [args.landing_arn],
                    aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs(
                        field="eventName", not_equals=["PutObject"]
                    ),
                    _by_others(args.account, args.aggregator_role_name),
                ),
                _selector(
                    "Landed files, puts by anybody but the external party",
                    [args.landing_arn],
                    aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs(field="eventName", equals=["PutObject"]),
                    _by_others(args.account, args.external_party_role_name),
                ),
            ],
            # CloudTrail refuses a bucket that does not let it in.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        self.bucket = secure.bucket
        self.register_outputs({"bucket": self.bucket})


def _selector(
    name: str,
    bucket_arns: Sequence[pulumi.Input[str]],
    *more: aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs,
) -> aws.cloudtrail.TrailAdvancedEventSelectorArgs:
    """Select the events of the objects of these buckets (CloudTrail API reference, AdvancedFieldSelector)."""
    field = aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs
    return aws.cloudtrail.TrailAdvancedEventSelectorArgs(
        name=name,
        field_selectors=[
            field(field="eventCategory", equals=["Data"]),
            field(field="resources.type", equals=["AWS::S3::Object"]),
            field(field="resources.ARN", starts_withs=[pulumi.Output.concat(arn, "/") for arn in bucket_arns]),
            *more,
        ],
    )


def _by_others(
    account: pulumi.Input[str], role_name: pulumi.Input[str]
) -> aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs:
    """Select what is done by anybody but sessions of a role (IAM user guide, "IAM identifiers")."""
    return aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs(
        field="userIdentity.arn",
        not_starts_withs=[pulumi.Output.concat("arn:aws:sts::", account, ":assumed-role/", role_name, "/")],
    )


def _let_in(
    bucket_arn: pulumi.Output[str], trail_arn: pulumi.Output[str], account: pulumi.Input[str]
) -> list[Statement]:
    """CloudTrail user guide, "Amazon S3 bucket policy for CloudTrail"."""
    for_this_trail: Condition = {"StringEquals": {"aws:SourceArn": trail_arn, "aws:SourceAccount": account}}
    return [
        {
            "Sid": "LetCloudTrailCheck",
            "Effect": "Allow",
            "Principal": {"Service": _CLOUDTRAIL},
            "Action": ["s3:GetBucketAcl"],
            "Resource": [bucket_arn],
            "Condition": for_this_trail,
        },
        {
            "Sid": "LetCloudTrailWrite",
            "Effect": "Allow",
            "Principal": {"Service": _CLOUDTRAIL},
            "Action": ["s3:PutObject"],
            "Resource": [pulumi.Output.concat(bucket_arn, "/AWSLogs/", account, "/*")],
            "Condition": for_this_trail,
        },
    ]


def _refuse(bucket_arn: pulumi.Output[str], operators: Principals) -> list[Statement]:
    objects = [pulumi.Output.concat(bucket_arn, "/*")]
    return [
        {
            **deny_to_all("DenyPutToPeople", PUT, objects),
            # A service has no ARN to be told by; which service may put is said above.
            "Condition": {"Bool": {"aws:PrincipalIsAWSService": "false"}},
        },
        deny_to_others("DenyReadToOthers", READ, objects, operators),
        deny_to_all("DenyDelete", DELETE, objects),
    ]


def _expire_after(days: int) -> LifecycleRule:
    return LifecycleRule(
        id="expire-records",
        status="Enabled",
        filter=every_object(),
        expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=days),
        noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
            noncurrent_days=_NONCURRENT_DAYS
        ),
    )
