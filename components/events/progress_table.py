"""The protocol's table: how far each shard is, which batches were committed, and runs with a record alone."""

from components.blocks.policy_document import Statement
from components.blocks.table import ExpiringTable, TableLayout


class ProgressTable(ExpiringTable):
    """Frontiers, batches and runs of each shard under one partition key, recoverable to any second."""

    TYPE = "baler:progress_table:ProgressTable"
    LAYOUT = TableLayout(sort_key="sk")

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
