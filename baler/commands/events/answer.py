"""How the rows of an answer are printed."""

from __future__ import annotations

import json
import math
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, count
from typing import TYPE_CHECKING, cast

from baler.cli.report import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


def as_document(names: Sequence[str], row: Sequence[object]) -> str:
    """Return a row as one JSON object. A decimal is a text, so that no reader makes a double of its digits.

    So is a double that JSON has no number for: NaN, inf, -inf.
    """
    return json.dumps({name: _finite(value) for name, value in zip(names, row, strict=True)}, default=_text)


def distinct(names: Iterable[str]) -> list[str]:
    """Return the names of columns, with a number behind one that was there before: an object has each key once."""
    found: list[str] = []
    for name in names:
        candidates = chain([name], (f"{name}_{number}" for number in count(2)))
        found.append(next(candidate for candidate in candidates if candidate not in found))
    return found


def as_table(names: Sequence[str], rows: Sequence[Sequence[object]], *, heading: bool = True) -> Iterator[str]:
    """Yield the lines of a table: a heading, then a line a row; what is a number stands to the right.

    Whatever producers sent, no character of it moves the cursor or ends the line.
    """
    cells = [[printable("" if value is None else _text(value)) for value in row] for row in rows]
    numbers = [all(isinstance(row[at], int | float | Decimal | None) for row in rows) for at in range(len(names))]
    titles = [printable(name) for name in names]
    widths = [max(len(line[at]) for line in (titles, *cells)) for at in range(len(names))]
    for line in (titles, *cells) if heading else cells:
        padded = (
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numbers, strict=True)
        )
        yield "  ".join(padded).rstrip()


def _finite(value: object) -> object:
    """Return a value with a text for each double within it that is none of JSON's numbers."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {str(key): _finite(inner) for key, inner in cast("dict[object, object]", value).items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in cast("Sequence[object]", value)]
    return value


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        # Without the zeros that fill a column of nine fractional digits.
        return format(value.normalize(), "f") if value.is_finite() else str(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ").replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else str(value)
