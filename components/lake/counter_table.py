"""The table of counters, from which the API says how many records there are without counting any."""

from typing import Final

from components.blocks.policy_document import Statement
from components.blocks.table import ExpiringTable, TableLayout

_LAYOUT: Final = TableLayout(sort_key="sk")


class CounterTable(ExpiringTable):
    """A source's days and its total under one partition key, each spread over some items."""

    TYPE = "baler:counter_table:CounterTable"
    LAYOUT = _LAYOUT

    def grant_count(self) -> list[Statement]:
        """Add to counters, in the transaction that writes what they count."""
        return [self._grant("CountRecords", "dynamodb:UpdateItem")]

    def grant_answer(self) -> list[Statement]:
        """Read the counters of a source."""
        return [self._grant("ReadCounters", "dynamodb:Query")]

    def _grant(self, sid: str, action: str) -> Statement:
        return {"Sid": sid, "Effect": "Allow", "Action": [action], "Resource": [self.arn]}
