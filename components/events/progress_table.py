"""The protocol's table: how far each shard is, which batches were committed, and runs with a record alone."""

import pulumi

from components.blocks.policy_document import Statement
from components.blocks.table import TableKey, TableLayout, expiring_table


class ProgressTable(pulumi.ComponentResource):
    """Frontiers, batches and runs of each shard under one partition key, recoverable to any second."""

    def __init__(
        self,
        name: str,
        *,
        deletion_protection: bool,
        key: TableKey,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("baler:progress_table:ProgressTable", name, None, opts)
        table = expiring_table(
            name,
            layout=TableLayout(sort_key="sk"),
            deletion_protection=deletion_protection,
            key=key,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.table: pulumi.Output[str] = table.name
        self.arn: pulumi.Output[str] = table.arn
        self.register_outputs({"table": self.table, "arn": self.arn})

    def grant_commit(self) -> list[Statement]:
        """Read frontiers, commit batches and note runs. A transaction needs the rights of what it is made of."""
        actions = ["dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
        return [self._grant("CommitBatches", actions)]

    def grant_note(self) -> list[Statement]:
        """Read frontiers and batches, and note on a batch what of it is processed."""
        return [self._grant("NoteProcessedObjects", ["dynamodb:GetItem", "dynamodb:UpdateItem"])]

    def grant_read(self) -> list[Statement]:
        """Read frontiers and batches."""
        return [self._grant("ReadBatches", ["dynamodb:GetItem"])]

    def grant_search(self) -> list[Statement]:
        """Find the batches that cover a range."""
        return [self._grant("SearchBatches", ["dynamodb:Query"])]

    def _grant(self, sid: str, actions: list[str]) -> Statement:
        return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": [self.arn]}
