"""The options that the commands share, and the ledger that they name."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from baler.cli.exit_codes import ExitCode
from baler.cli.report import printable
from baler.files.ledger.ledger_file import LedgerError
from baler.files.ledger.reader import LedgerReader

if TYPE_CHECKING:
    from collections.abc import Generator

Into = Annotated[
    Path | None,
    typer.Option(envvar="BALER_INTO", metavar="DIR", help="The consumer's folder of received files."),
]
State = Annotated[
    Path | None,
    typer.Option(
        envvar="BALER_STATE", metavar="DIR", help="The consumer's own folder.  [default: --into's path and .state]"
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line instead of text.")]
Start = Annotated[
    str | None,
    typer.Option("--from", metavar="TIME", help="Delivered from then on, in UTC: 2026-11-20, 2026-11-20T09:30."),
]
End = Annotated[
    str | None, typer.Option("--to", metavar="TIME", help="And before this one; a day with all of its hours.")
]


@contextmanager
def opened_ledger(into: Path | None, state: Path | None) -> Generator[LedgerReader]:
    """Open the ledger that the options name; an error that the operator can meet ends the command with a sentence.

    Raises:
        typer.BadParameter: they name none.
    """
    if state is None and into is None:
        raise typer.BadParameter("--into or --state (or BALER_INTO, BALER_STATE) has to say where the consumer is.")
    folder = state or Path(f"{into and into.resolve()}.state")
    try:
        with LedgerReader(folder / "ledger.sqlite") as ledger:
            yield ledger
    except LedgerError as error:
        typer.echo(printable(str(error)), err=True)
        raise typer.Exit(ExitCode.CANNOT_PROCEED) from error
    except PermissionError as error:
        typer.echo(printable(f"Cannot read {error.filename!r}: ask as the consumer's user."), err=True)
        raise typer.Exit(ExitCode.CANNOT_PROCEED) from error
