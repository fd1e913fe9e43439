"""The table of batches that document 5 lists: what was made of each batch, for people to look at."""

from typing import Final

from components.blocks.policy_document import Statement
from components.blocks.table import ExpiringTable, TableIndex, TableLayout

_LAYOUT: Final = TableLayout(
    partition_key="batch_id",
    sort_key="processed_at",
    expires_by="ttl",
    indexes=[TableIndex(name="ShardIndex", partition_key="shard_id", sort_key="processed_at")],
)


class BatchTable(ExpiringTable):
    """A report beside the protocol's own table: nothing that is decided rests on it, so it may end earlier."""

    TYPE = "baler:batch_table:BatchTable"
    LAYOUT = _LAYOUT

    def grant_report(self) -> list[Statement]:
        """Put the record of a batch."""
        return [
            {"Sid": "ReportBatches", "Effect": "Allow", "Action": ["dynamodb:PutItem"], "Resource": [self.arn]},
        ]
