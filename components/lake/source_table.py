"""The table of sources: when each was last fetched, who fetches it now; and the key that signs pages of the API."""

from collections.abc import Sequence
from typing import Final

import pulumi

from components.blocks.policy_document import Statement
from components.blocks.table import TableKey, TableLayout, expiring_table

PAGING_KEY: Final = "#paging-key"
"""The item that signs pages. No source can be called so."""

_LAYOUT: Final = TableLayout(partition_key="source")


class SourceTable(pulumi.ComponentResource):
    """One item a source, and one more. Of each item another function knows nothing."""

    def __init__(
        self, name: str, *, deletion_protection: bool, key: TableKey, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("baler:source_table:SourceTable", name, None, opts)
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

    def grant_fetch(self, sources: Sequence[str]) -> list[Statement]:
        """Read and write the states of these sources, and nothing else that is in the table."""
        return [self._grant("KeepStatesOfSources", sources)]

    def grant_sign(self) -> list[Statement]:
        """Read the key that signs pages, and put it where there is none."""
        return [self._grant("KeepPagingKey", [PAGING_KEY])]

    def _grant(self, sid: str, items: Sequence[str]) -> Statement:
        return {
            "Sid": sid,
            "Effect": "Allow",
            "Action": ["dynamodb:GetItem", "dynamodb:PutItem"],
            "Resource": [self.arn],
            "Condition": {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": list(items)}},
        }
