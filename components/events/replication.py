"""A second copy of raw events, in a region that an outage of this one does not reach."""

import pulumi
import pulumi_aws as aws

from components.blocks.policy_document import Statement, policy_document
from components.events.raw_bucket import RAW, RawBucket


class Replication(pulumi.ComponentResource):
    """A rule of the raw bucket and the role that S3 assumes for it. The other bucket is there already, and versioned.

    Deletions are not copied: what is lost here by mistake is still there.
    """

    def __init__(
        self,
        name: str,
        *,
        raw: RawBucket,
        replica_arn: str,
        account: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare it.

        Args:
            name: logical name.
            raw: whose events are copied; rejected records are not.
            replica_arn: of the other bucket, in this account.
            account: this account.
            opts: options of the component.
        """
        super().__init__("baler:replication:Replication", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            name,
            description="Assumed by S3 to copy raw events to another region.",
            assume_role_policy=policy_document([_trust(raw, account)]),
            opts=child,
        )
        policy = aws.iam.RolePolicy(
            name,
            role=role.name,
            policy=policy_document([*raw.grant_replicate(), _write(replica_arn)]),
            opts=child,
        )
        aws.s3.BucketReplicationConfig(
            name,
            bucket=raw.bucket,
            role=role.arn,
            rules=[
                aws.s3.BucketReplicationConfigRuleArgs(
                    id="raw-events",
                    status="Enabled",
                    priority=1,
                    filter=aws.s3.BucketReplicationConfigRuleFilterArgs(prefix=RAW),
                    delete_marker_replication=aws.s3.BucketReplicationConfigRuleDeleteMarkerReplicationArgs(
                        status="Disabled"
                    ),
                    destination=aws.s3.BucketReplicationConfigRuleDestinationArgs(bucket=replica_arn),
                )
            ],
            # S3 refuses a rule of a bucket without versions, or whose role may not copy.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*raw.versioned, policy]),
        )
        self.role_arn: pulumi.Output[str] = role.arn
        self.register_outputs({"role_arn": self.role_arn})


def _trust(raw: RawBucket, account: pulumi.Input[str]) -> Statement:
    """S3 user guide, "Setting up permissions for live replication"."""
    return {
        "Sid": "TrustReplication",
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": ["sts:AssumeRole"],
        "Condition": {
            "ArnEquals": {"aws:SourceArn": raw.arn},
            "StringEquals": {"aws:SourceAccount": account},
        },
    }


def _write(replica_arn: str) -> Statement:
    return {
        "Sid": "WriteReplica",
        "Effect": "Allow",
        "Action": ["s3:ReplicateObject", "s3:ReplicateTags"],
        "Resource": [f"{replica_arn}/*"],
    }
