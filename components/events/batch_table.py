"""The table of batches that document 5 lists: what was made of each batch, for people to look at."""

from typing import Final

import pulumi

from components.blocks.policy_document import Statement
from components.blocks.table import TableIndex, TableKey, TableLayout, expiring_table

_LAYOUT: Final = TableLayout(
    partition_key="batch_id",
    sort_key="processed_at",
    expires_by="ttl",
    indexes=[TableIndex(name="ShardIndex", partition_key="shard_id", sort_key="processed_at")],
)


class BatchTable(pulumi.ComponentResource):
    """A report beside the protocol's own table: nothing that is decided rests on it, so it may end earlier."""

    def __init__(
        self,
        name: str,
        *,
        deletion_protection: bool,
        key: TableKey,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("baler:batch_table:BatchTable", name, None, opts)
        table = expiring_table(
            name,
            layout=_LAYOUT,
            deletion_protection=deletion_protection,
            key=key,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.table: pulumi.Output[str] = table.name
        self.arn: pulumi.Output[str] = table.arn
        self.register_outputs({"table": self.table, "arn": self.arn})

    def grant_report(self) -> list[Statement]:
        """Put the record of a batch."""
        return [
            {"Sid": "ReportBatches", "Effect": "Allow", "Action": ["dynamodb:PutItem"], "Resource": [self.arn]},
        ]
