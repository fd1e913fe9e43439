"""Which sources a command is about: those that were asked for, or all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence


def asked_sources(there: Sequence[str], asked: Sequence[str] | None) -> Sequence[str]:
    """Return the sources that were asked for, each once; all that are there where none was.

    Args:
        there: sources of which the bucket has raw objects.
        asked: what `--source` says.

    Raises:
        typer.BadParameter: nothing was ever fetched of one that was asked for.
    """
    if unknown := sorted(set(asked or ()) - set(there)):
        known = ", ".join(there) or "none at all"
        raise typer.BadParameter(
            f"the bucket has no raw objects of the source {unknown[0]!r}. It has those of: {known}."
        )
    return there if asked is None else sorted(set(asked))
