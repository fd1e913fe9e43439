"""The table of counters, from which the API says how many records there are without counting any."""

from typing import Final

import pulumi

from components.blocks.policy_document import Statement
from components.blocks.table import TableKey, TableLayout, expiring_table

_LAYOUT: Final = TableLayout(sort_key="sk")


class CounterTable(pulumi.ComponentResource):
    """A source's days and its total under one partition key, each spread over some items."""

    def __init__(
        self, name: str, *, deletion_protection: bool, key: TableKey, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("baler:counter_table:CounterTable", name, None, opts)
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

    def grant_count(self) -> list[Statement]:
        """Add to counters, in the transaction that writes what they count."""
        return [self._grant("CountRecords", "dynamodb:UpdateItem")]

    def grant_answer(self) -> list[Statement]:
        """Read the counters of a source."""
        return [self._grant("ReadCounters", "dynamodb:Query")]

    def _grant(self, sid: str, action: str) -> Statement:
        return {"Sid": sid, "Effect": "Allow", "Action": [action], "Resource": [self.arn]}
