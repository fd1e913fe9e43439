"""A second copy of events, in a region that an outage of this one does not reach."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.blocks.policy_document import Statement, policy_document
from components.events.replicated_bucket import ReplicatedBucket


class Replication(pulumi.ComponentResource):
    """Rules of buckets and the role that S3 assumes for them. The other bucket is there already, and versioned.

    Deletions are not copied: what is lost here by mistake is still there.
    """

    def __init__(
        self,
        name: str,
        *,
        buckets: Sequence[ReplicatedBucket],
        replica_arn: str,
        account: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare it.

        Args:
            name: logical name.
            buckets: whose objects are copied, each under its own key: no two have a prefix in common.
            replica_arn: of the other bucket, in this account.
            account: this account.
            opts: options of the component.
        """
        super().__init__("baler:replication:Replication", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            name,
            description="Assumed by S3 to copy events to another region.",
            assume_role_policy=policy_document([_trust(buckets, account)]),
            opts=child,
        )
        reading = [statement for bucket in buckets for statement in bucket.grant_replicate()]
        policy = aws.iam.RolePolicy(
            name, role=role.name, policy=policy_document([*reading, _write(replica_arn)]), opts=child
        )
        for bucket in buckets:
            aws.s3.BucketReplicationConfig(
                bucket.name,
                bucket=bucket.bucket,
                role=role.arn,
                rules=[
                    _rule(prefix, priority, replica_arn) for priority, prefix in enumerate(bucket.prefixes, start=1)
                ],
                # S3 refuses a rule of a bucket without versions, or whose role may not copy.
                opts=pulumi.ResourceOptions(parent=self, depends_on=[*bucket.versioned, policy]),
            )
        self.role_arn: pulumi.Output[str] = role.arn
        self.register_outputs({"role_arn": self.role_arn})


def _rule(prefix: str, priority: int, replica_arn: str) -> aws.s3.BucketReplicationConfigRuleArgs:
    return aws.s3.BucketReplicationConfigRuleArgs(
        id=prefix.rstrip("/"),
        status="Enabled",
        priority=priority,
        filter=aws.s3.BucketReplicationConfigRuleFilterArgs(prefix=prefix),
        delete_marker_replication=aws.s3.BucketReplicationConfigRuleDeleteMarkerReplicationArgs(status="Disabled"),
        destination=aws.s3.BucketReplicationConfigRuleDestinationArgs(bucket=replica_arn),
    )


def _trust(buckets: Sequence[ReplicatedBucket], account: pulumi.Input[str]) -> Statement:
    """S3 user guide, "Setting up permissions for live replication"."""
    return {
        "Sid": "TrustReplication",
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": ["sts:AssumeRole"],
        "Condition": {
            "ArnEquals": {"aws:SourceArn": [bucket.arn for bucket in buckets]},
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
