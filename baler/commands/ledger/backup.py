"""`baler ledger backup`: a copy of the ledger while the consumer works."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads it
from typing import Annotated

import typer

from baler.cli.exit_codes import ExitCode
from baler.cli.report import printable
from baler.commands.ledger.options import Into, State, opened_ledger


def backup(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="What is written, in place of what is there.")],
    into: Into = None,
    state: State = None,
) -> None:
    """Copy the ledger, as it is at one moment, into a file; the consumer works on (docs/on-premises.md)."""
    with opened_ledger(into, state) as ledger:
        try:
            ledger.backup(target)
        except OSError as error:
            typer.echo(printable(f"Cannot write {str(target)!r}: {error.strerror}."), err=True)
            raise typer.Exit(ExitCode.CANNOT_PROCEED) from error
    typer.echo(printable(f"copied to {target}"))
