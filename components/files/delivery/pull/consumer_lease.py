"""The table in which consumers that stand by for one another keep their lease, and what was delivered."""

from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.policy_document import Condition, Statement

HOLD_LEASE: Final = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]


class ConsumerLease(pulumi.ComponentResource):
    """A table of its own: whoever holds the lease has no right to the claims, nor to anything else."""

    def __init__(self, name: str, *, deletion_protection: bool, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:consumer_lease:ConsumerLease", name, None, opts)
        table = aws.dynamodb.Table(
            name,
            billing_mode="PAY_PER_REQUEST",
            hash_key="pk",
            attributes=[aws.dynamodb.TableAttributeArgs(name="pk", type="S")],
            ttl=aws.dynamodb.TableTtlArgs(attribute_name="expires_at", enabled=True),
            point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=True),
            # As of the claims: without the marks of what was delivered, bundles would come twice.
            deletion_protection_enabled=deletion_protection,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.table: pulumi.Output[str] = table.name
        self.arn: pulumi.Output[str] = table.arn
        self.register_outputs({"table": self.table, "arn": self.arn})

    def grant_hold(self) -> list[Statement]:
        """Read and write single items: the lease, and a mark for each delivery."""
        return [{"Sid": "HoldLease", "Effect": "Allow", "Action": HOLD_LEASE, "Resource": [self.arn]}]

    def grant_hold_only(self, endpoint_id: pulumi.Input[str] | None) -> list[Statement]:
        """Do that, and be refused it on every other table.

        Args:
            endpoint_id: the VPC endpoint that the requests must come through, if any.
        """
        refusals: list[Statement] = [
            {"Sid": "DenyLeaseElsewhere", "Effect": "Deny", "Action": HOLD_LEASE, "NotResource": [self.arn]}
        ]
        if endpoint_id is not None:
            # Also holds for a request that came through no endpoint at all.
            condition: Condition = {"StringNotEquals": {"aws:SourceVpce": endpoint_id}}
            refusals.append(
                {
                    "Sid": "DenyOtherWaysToLease",
                    "Effect": "Deny",
                    "Action": HOLD_LEASE,
                    "Resource": [self.arn],
                    "Condition": condition,
                }
            )
        return [*self.grant_hold(), *refusals]
