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
class RecordedEvents:
    """Some of what is done with the objects of some buckets: what is recorded, refused requests too."""

    title: str
    bucket_arns: Sequence[pulumi.Input[str]]
    only: Sequence[str] = ()
    """Names of the events that are recorded; empty means all."""

    but: Sequence[str] = ()
    """Names of the events that are not."""

    not_by_roles: Sequence[pulumi.Input[str]] = ()
    """Names of roles whose sessions are left out, because they do it once for every object."""


@dataclass(frozen=True, kw_only=True)
class AccessTrailArgs:
    """What is recorded, and for how long."""

    region: pulumi.Input[str]
    account: pulumi.Input[str]
    recorded: Sequence[RecordedEvents]
    keep_on_destroy: bool
    retention_days: int
    operators: Principals
    """ARNs of those who may read the record."""


class AccessTrail(pulumi.ComponentResource):
    """A CloudTrail trail of data events, and a bucket that CloudTrail alone writes and nobody deletes from."""

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
        policy = secure.restrict([*_let_in(secure.arn, trail_arn, args.account), *_refuse(secure.arn, args.operators)])
        aws.cloudtrail.Trail(
            name,
            name=name,
            s3_bucket_name=secure.bucket,
            is_multi_region_trail=False,
            include_global_service_events=False,
            # Whoever changes a record afterwards is found out (`aws cloudtrail validate-logs`).
            enable_log_file_validation=True,
            advanced_event_selectors=[_selector(events, args.account) for events in args.recorded],
            # CloudTrail refuses a bucket that does not let it in.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        self.bucket = secure.bucket
        self.register_outputs({"bucket": self.bucket})


def _selector(events: RecordedEvents, account: pulumi.Input[str]) -> aws.cloudtrail.TrailAdvancedEventSelectorArgs:
    """Select the events of the objects of the buckets (CloudTrail API reference, AdvancedFieldSelector)."""
    field = aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs
    selectors = [
        field(field="eventCategory", equals=["Data"]),
        field(field="resources.type", equals=["AWS::S3::Object"]),
        field(field="resources.ARN", starts_withs=[pulumi.Output.concat(arn, "/") for arn in events.bucket_arns]),
    ]
    if events.only:
        selectors.append(field(field="eventName", equals=list(events.only)))
    if events.but:
        selectors.append(field(field="eventName", not_equals=list(events.but)))
    if events.not_by_roles:
        # A session's ARN has its role's name in it (IAM user guide, "IAM identifiers").
        sessions = [
            pulumi.Output.concat("arn:aws:sts::", account, ":assumed-role/", role, "/") for role in events.not_by_roles
        ]
        selectors.append(field(field="userIdentity.arn", not_starts_withs=sessions))
    return aws.cloudtrail.TrailAdvancedEventSelectorArgs(name=events.title, field_selectors=selectors)


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
