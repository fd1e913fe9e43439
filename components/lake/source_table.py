"""The table of sources: when each was last fetched, who fetches it now; and the key that signs pages of the API."""

from collections.abc import Sequence
from typing import Final

from components.blocks.policy_document import Statement
from components.blocks.table import ExpiringTable, TableLayout

PAGING_KEY: Final = "#paging-key"
"""The item that signs pages. No source can be called so."""

_LAYOUT: Final = TableLayout(partition_key="source")


class SourceTable(ExpiringTable):
    """One item a source, and one more. Of each item another function knows nothing."""

    TYPE = "baler:source_table:SourceTable"
    LAYOUT = _LAYOUT

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
