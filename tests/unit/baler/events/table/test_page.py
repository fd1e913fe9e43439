"""docs/event-tables.md has the columns that are declared."""

from __future__ import annotations

from pathlib import Path

import pytest

from baler.events.table.columns import COLUMNS, ColumnType

PAGE = Path(__file__).parents[5] / "docs" / "event-tables.md"
SQL = {
    ColumnType.TEXT: "string",
    ColumnType.NUMBER: "double",
    ColumnType.DECIMAL: "decimal(38,9)",
    ColumnType.INTEGER: "bigint",
    ColumnType.FLAG: "boolean",
    ColumnType.DATE: "date",
    ColumnType.TIME: "timestamp with time zone",
}


@pytest.mark.requirement("EVENT-PROCESSED-02")
def test_the_page_lists_every_column_as_it_is() -> None:
    listed = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert listed == [
        f"| `{column.name}` | {SQL[column.type]} | {'yes |' if column.required else '|'} {column.meaning} |"
        for column in COLUMNS
    ]
