"""The role that the on-premises consumer assumes to empty the mailbox."""

import pulumi
import pulumi_aws as aws

from components.distribution_bucket import DistributionBucket
from components.policy_document import policy_document


class Consumer(pulumi.ComponentResource):
    """A role that can list, get and delete bundles in the mailbox, and do nothing else.

    Where there is an endpoint for the premises, it can do that through this endpoint alone.
    """

    def __init__(
        self,
        name: str,
        *,
        distribution: DistributionBucket,
        principal_arn: pulumi.Input[str],
        endpoint_id: pulumi.Input[str] | None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("baler:consumer:Consumer", name, None, opts)
        role = aws.iam.Role(
            name,
            description="Assumed by the on-premises consumer, to collect bundles from the mailbox.",
            assume_role_policy=policy_document(
                [
                    {
                        "Sid": "TrustTheConsumer",
                        "Effect": "Allow",
                        "Principal": {"AWS": principal_arn},
                        "Action": ["sts:AssumeRole"],
                    }
                ]
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.iam.RolePolicy(
            name,
            role=role.name,
            policy=policy_document(distribution.grant_collect_only(endpoint_id)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.role_arn: pulumi.Output[str] = role.arn
        self.register_outputs({"role_arn": self.role_arn})
