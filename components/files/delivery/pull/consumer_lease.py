"""The table in which consumers that stand by for one another keep their lease, and what was delivered."""

from typing import Final

import pulumi

from components.blocks.policy_document import Condition, Statement
from components.blocks.table import ExpiringTable

HOLD_LEASE: Final = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]


class ConsumerLease(ExpiringTable):
    """A table of its own: whoever holds the lease has no right to the claims, nor to anything else.

    It can be restored as the claims can: without the marks of what was delivered, bundles would come twice.
    """

    TYPE = "baler:consumer_lease:ConsumerLease"

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
