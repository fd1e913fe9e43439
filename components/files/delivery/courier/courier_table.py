"""The courier's table: its lease, the breaker's state, and the receipts of what was delivered."""

import pulumi

from components.blocks.policy_document import Statement
from components.blocks.table import TableKey, expiring_table


class CourierTable(pulumi.ComponentResource):
    """A table of its own: whoever has the courier's rights has none to the claims, which end before receipts do."""

    def __init__(
        self,
        name: str,
        *,
        deletion_protection: bool,
        key: TableKey,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("baler:courier_table:CourierTable", name, None, opts)
        table = expiring_table(
            name, deletion_protection=deletion_protection, key=key, opts=pulumi.ResourceOptions(parent=self)
        )
        self.table: pulumi.Output[str] = table.name
        self.arn: pulumi.Output[str] = table.arn
        self.register_outputs({"table": self.table, "arn": self.arn})

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
