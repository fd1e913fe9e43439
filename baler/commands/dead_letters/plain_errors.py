"""What goes wrong, in one sentence and an exit code."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from baler.aws.queue_scan import HIDDEN_SECONDS
from baler.cli.exit_codes import ExitCode
from baler.cli.report import printable
from baler.commands.dead_letters.audit import AuditError
from baler.commands.dead_letters.aws import AwsError, explained

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence


@contextmanager
def plain_errors() -> Generator[None]:
    """Say in one sentence what AWS or the disk refused, and end with the exit code for it."""
    try:
        with explained():
            yield
    except (AwsError, AuditError) as error:
        typer.echo(printable(str(error)), err=True)
        passing = isinstance(error, AwsError) and error.passes
        raise typer.Exit(ExitCode.RETRY if passing else ExitCode.CANNOT_PROCEED) from error


def not_found(names: Sequence[str]) -> typer.Exit:
    """Say which messages are not in the queue, or not to be seen, and return the exit."""
    typer.echo(
        f"Not found: {', '.join(names)}. Another reader may hide it, for up to {HIDDEN_SECONDS // 60} minutes, or it "
        "is gone.",
        err=True,
    )
    return typer.Exit(ExitCode.NEEDS_ATTENTION)
