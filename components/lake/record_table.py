"""The table of records, its index by source and time of capture, and where versions of records are kept."""

from typing import Final

import pulumi

from components.blocks.policy_document import Statement
from components.blocks.table import ExpiringTable, TableIndex, TableLayout

# Keys alone: a record's document would be stored twice, and every change of it be paid for twice.
_RECORDS: Final = TableLayout(
    partition_key="id",
    indexes=[
        TableIndex(name="SourceIndex", partition_key="source", sort_key="captured_at", projection="KEYS_ONLY"),
    ],
)
# `seen` is the order of a sighting as text (baler/lake/aws/record_items.py).
_VERSIONS: Final = TableLayout(partition_key="id", sort_key="seen")


class RecordTable(ExpiringTable):
    """One item a record, as it was last seen."""

    TYPE = "baler:record_table:RecordTable"
    LAYOUT = _RECORDS

    def grant_curate(self) -> list[Statement]:
        """Read what is known of records, insert and replace them. A transaction needs the rights of what it is of."""
        actions = ["dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
        return [{"Sid": "CurateRecords", "Effect": "Allow", "Action": actions, "Resource": [self.arn]}]

    def grant_answer(self) -> list[Statement]:
        """Find records by source and time, and read them; never go through the whole table."""
        return [
            {
                "Sid": "ReadRecords",
                "Effect": "Allow",
                "Action": ["dynamodb:BatchGetItem", "dynamodb:GetItem"],
                "Resource": [self.arn],
            },
            {
                "Sid": "FindRecords",
                "Effect": "Allow",
                "Action": ["dynamodb:Query"],
                "Resource": [pulumi.Output.concat(self.arn, "/index/SourceIndex")],
            },
        ]


class VersionTable(ExpiringTable):
    """One item for each time that a record was seen."""

    TYPE = "baler:version_table:VersionTable"
    LAYOUT = _VERSIONS

    def grant_keep(self) -> list[Statement]:
        """Put versions."""
        return [
            {"Sid": "KeepVersions", "Effect": "Allow", "Action": ["dynamodb:PutItem"], "Resource": [self.arn]},
        ]
