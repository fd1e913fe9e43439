"""How the commands end."""

from __future__ import annotations

from contextlib import contextmanager
from enum import IntEnum
from typing import TYPE_CHECKING, Final

import typer

from baler.cli.report import printable
from baler.commands.dead_letters.audit import AuditError
from baler.commands.dead_letters.aws import AwsError, explained
from baler.commands.dead_letters.queue import HIDDEN_SECONDS

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

EXIT_CODES: Final = """
**Exit codes**

0 done · 1 AWS or the audit file refused · 2 wrong command line · 3 nothing was done for a message that was named: it
is not there, its name fits several, or you said no · 4 some messages could not be moved or deleted, or came back
"""


class ExitCode(IntEnum):
    """The exit code; 2 is a wrong command line."""

    REFUSED = 1
    NOT_DONE = 3
    INCOMPLETE = 4


@contextmanager
def plain_words() -> Generator[None]:
    """Say in one sentence what AWS or the disk refused, and end with REFUSED."""
    try:
        with explained():
            yield
    except (AwsError, AuditError) as error:
        typer.echo(printable(str(error)), err=True)
        raise typer.Exit(ExitCode.REFUSED) from error


def not_there(names: Sequence[str]) -> typer.Exit:
    """Say which messages are not in the queue, or not to be seen, and return the exit."""
    typer.echo(
        f"Not found: {', '.join(names)}. Another reader may hide it, for up to {HIDDEN_SECONDS // 60} minutes, or it "
        "is gone.",
        err=True,
    )
    return typer.Exit(ExitCode.NOT_DONE)
