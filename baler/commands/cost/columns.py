"""Columns of text that are as wide as what is in them: a number is never cut, whatever the terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_GAP: Final = "  "
# A last column that is narrower than this reads worse folded than broken by the terminal.
_NARROWEST: Final = 24


def columns(rows: Iterable[Sequence[str]], alignment: str, width: int | None) -> list[str]:
    """Return the lines of a table.

    Args:
        rows: the cells; a row may end early.
        alignment: `<` or `>`, a character a column.
        width: where the last column folds, in characters; None where a line may be as long as it needs.
    """
    cells = [[*row, *[""] * (len(alignment) - len(row))] for row in rows]
    widths = [max((len(row[number]) for row in cells), default=0) for number in range(len(alignment) - 1)]
    indent = sum(widths) + len(_GAP) * len(widths)
    lines: list[str] = []
    for row in cells:
        fixed = [f"{cell:{side}{wide}}" for cell, side, wide in zip(row, alignment, widths, strict=False)]
        folded = [row[-1]]
        if width is not None and width - indent >= _NARROWEST:
            folded = textwrap.wrap(row[-1], width - indent) or [""]
        lines.append(_GAP.join([*fixed, folded[0]]).rstrip())
        lines += [" " * indent + rest for rest in folded[1:]]
    return lines
