"""How the rows of an answer are printed."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from baler.cli.report import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def as_document(names: Sequence[str], row: Sequence[object]) -> str:
    """Return a row as one JSON object. A decimal is a text, so that no reader makes a double of its digits."""
    return json.dumps(dict(zip(names, row, strict=True)), default=_text)


def as_table(names: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    """Yield the lines of a table: a heading, then a line a row; what is a number stands to the right.

    Whatever producers sent, no character of it moves the cursor or ends the line.
    """
    cells = [[printable("" if value is None else _text(value)) for value in row] for row in rows]
    numbers = [all(isinstance(row[at], int | float | Decimal | None) for row in rows) for at in range(len(names))]
    heading = [printable(name) for name in names]
    widths = [max(len(line[at]) for line in (heading, *cells)) for at in range(len(names))]
    for line in (heading, *cells):
        padded = (
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numbers, strict=True)
        )
        yield "  ".join(padded).rstrip()


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        # Without the zeros that fill a column of nine fractional digits.
        return format(value.normalize(), "f") if value.is_finite() else str(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ").replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else str(value)
