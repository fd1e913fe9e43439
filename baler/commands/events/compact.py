"""`baler events compact`: the table into few files, now."""

from __future__ import annotations

import json
from typing import Annotated, Any, Final

import typer

from baler.cli.clients import client, plain_errors
from baler.cli.epilog import epilog
from baler.cli.exit_codes import ExitCode
from baler.cli.report import printable, quantity
from baler.commands.events.options import AsJson, CompactorFunction  # noqa: TC001 - typer reads them

EPILOG: Final = epilog(
    "events",
    "compact",
    "compact --open-hours --json",
    codes={
        ExitCode.OK: "the table is in few files",
        ExitCode.CANNOT_PROCEED: "AWS refused",
        ExitCode.RETRY: "AWS did not answer, or the function failed; it goes on from what is done",
    },
)

_ALIAS: Final = "live"
# The longest that a function of Lambda runs, and its answer's way.
_READ_SECONDS: Final = 910


def compact(
    compactor_function: CompactorFunction,
    open_hours: Annotated[bool, typer.Option("--open-hours", help="Hours too that have not ended.")] = False,  # noqa: FBT002 - a flag
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Rewrite the hours that ended into few files, and delete those that nobody reads any more.

    The stack does the same every hour. Answers stay the same throughout.
    """
    with plain_errors():
        # Once: a second call beside a first one that still runs would only meet it.
        function = client("lambda", attempts=1, read_seconds=_READ_SECONDS)
        answer: dict[str, Any] = function.invoke(
            FunctionName=compactor_function, Qualifier=_ALIAS, Payload=json.dumps({"open_hours": open_hours})
        )
        body = answer["Payload"].read()
    if answer.get("FunctionError"):
        reason = json.loads(body).get("errorMessage", "it does not say why")
        typer.echo(printable(f"The function failed: {reason}."), err=True)
        raise typer.Exit(ExitCode.RETRY)
    done: dict[str, int] = json.loads(body)
    if as_json:
        typer.echo(json.dumps(done))
        return
    typer.echo(
        f"Rewrote {quantity(done['rewritten_hours'], 'hour')}, deleted {quantity(done['removed_files'], 'old file')}. "
        f"The table has {done['rows']:,} events in {quantity(done['files'], 'file')}."
    )
