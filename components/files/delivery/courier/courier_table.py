"""The courier's table: its lease, the breaker's state, and the receipts of what was delivered."""

from components.blocks.policy_document import Statement
from components.blocks.table import ExpiringTable


class CourierTable(ExpiringTable):
    """A table of its own: whoever has the courier's rights has none to the claims, which end before receipts do."""

    TYPE = "baler:courier_table:CourierTable"

    def grant_hold(self) -> list[Statement]:
        """Read and write single items: the lease with the breaker's state, and the record of each delivery."""
        return [
            {
                "Sid": "HoldCourierLease",
                "Effect": "Allow",
                "Action": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
                "Resource": [self.arn],
            }
        ]
