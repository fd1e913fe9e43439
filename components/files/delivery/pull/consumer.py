"""The role that the on-premises consumer assumes to empty the mailbox."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.blocks.policy_document import Statement, policy_document
from components.files.delivery.pull.consumer_lease import HOLD_LEASE, ConsumerLease
from components.files.distribution_bucket import DistributionBucket


@dataclass(frozen=True, kw_only=True)
class ConsumerArgs:
    """Who the consumer is, and what it reaches through which endpoint."""

    distribution: DistributionBucket

    principal_arn: pulumi.Input[str]
    """Who may assume the role."""

    endpoint_id: pulumi.Input[str] | None
    """The VPC endpoint through which alone it reaches the mailbox, if any."""

    lease: ConsumerLease | None = None
    """What consumers hold of which one works and others stand by."""

    lease_endpoint_id: pulumi.Input[str] | None = None
    """The VPC endpoint through which alone it reaches the lease, if any."""


class Consumer(pulumi.ComponentResource):
    """A role that can list, get and delete bundles in the mailbox, hold the lease if there is one, and nothing else."""

    def __init__(self, name: str, args: ConsumerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:consumer:Consumer", name, None, opts)
        role = aws.iam.Role(
            name,
            description="Assumed by the on-premises consumer, to collect bundles from the mailbox.",
            assume_role_policy=policy_document(
                [
                    {
                        "Sid": "TrustTheConsumer",
                        "Effect": "Allow",
                        "Principal": {"AWS": args.principal_arn},
                        "Action": ["sts:AssumeRole"],
                    }
                ]
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        allowed = args.distribution.grant_collect_only(args.endpoint_id, HOLD_LEASE if args.lease else ())
        if args.lease:
            allowed += args.lease.grant_hold_only(args.lease_endpoint_id)
        aws.iam.RolePolicy(
            name,
            role=role.name,
            policy=policy_document(allowed),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.role_arn: pulumi.Output[str] = role.arn
        self.register_outputs({"role_arn": self.role_arn})

    def grant_sign_in(self) -> list[Statement]:
        """Assume this role."""
        return [
            {
                "Sid": "AssumeTheConsumersRole",
                "Effect": "Allow",
                "Action": ["sts:AssumeRole"],
                "Resource": [self.role_arn],
            }
        ]
