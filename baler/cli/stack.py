"""The stack that a command is about, and what its deployment says of itself in one parameter of Systems Manager.

The deployment writes its outputs as one JSON object into the parameter /baler/STACK: names, addresses and numbers, as
`pulumi stack output --json` has them, and never a secret. It is read where a command needs something that was not
given to it, and once.
"""

from __future__ import annotations

import os
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import typer

from baler.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE: Final = "BALER_STACK"

_selected: ContextVar[str | None] = ContextVar("selected", default=None)


def select(stack: str) -> None:
    """Take this stack for what follows, whatever the environment names."""
    _selected.set(stack)


def forget() -> None:
    """Forget the stack and what it said: the command is over."""
    _selected.set(None)
    _read.cache_clear()


def selected() -> str | None:
    """Return the name of the stack that was given; None if none was."""
    return _selected.get() or os.environ.get(VARIABLE) or None


def required() -> str:
    """Return the name of the stack that was given.

    Raises:
        typer.BadParameter: none was.
    """
    stack = selected()
    if stack is None:
        raise typer.BadParameter(f"Name the stack: --stack NAME, {VARIABLE}, or a line in baler.toml.")
    return stack


def outputs(stack: str) -> Mapping[str, Any]:
    """Return what the deployment says: by the name of the output, as the stack exports it.

    Raises:
        typer.Exit: it cannot be read; why has been said.
    """
    # Both take a tenth of a second and more, and most calls of the command need neither.
    from baler.cli.clients import plain_errors  # noqa: PLC0415
    from baler.cli.stack_parameter import NoStackError, ParameterDeniedError  # noqa: PLC0415

    with plain_errors():
        try:
            return _read(stack)
        except (NoStackError, ParameterDeniedError) as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(ExitCode.CANNOT_PROCEED) from error


def outputs_or_none(stack: str) -> Mapping[str, Any]:
    """Return what the deployment says, or nothing where it cannot be asked: for what a command can do without."""
    from baler.aws.faults import FAILURES  # noqa: PLC0415
    from baler.cli.clients import SettingsError  # noqa: PLC0415
    from baler.cli.stack_parameter import NoStackError, ParameterDeniedError  # noqa: PLC0415

    try:
        return _read(stack)
    except (NoStackError, ParameterDeniedError, SettingsError, *FAILURES):
        return {}


@cache
def _read(stack: str) -> Mapping[str, Any]:
    from baler.cli.stack_parameter import read_outputs  # noqa: PLC0415

    return read_outputs(stack)
