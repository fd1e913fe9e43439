"""The command line of `baler env`."""

from __future__ import annotations

import json
import shlex
from typing import Annotated, Final

import typer

from baler.cli import stack
from baler.cli.exit_codes import ExitCode, exit_codes_help
from baler.commands.env.parties import ROLES, Party, variables

EPILOG: Final = f"""
**Examples** (with BALER_STACK set)

Everything that commands take, as variables of this shell:

    eval "$(baler env)"

One name, in a command of AWS's own:

    aws s3 ls s3://$(baler env filesLandingBucket)

What the consumer's service reads (EnvironmentFile= of systemd):

    baler env --for consumer --plain > consumer.env

{
    exit_codes_help(
        {
            ExitCode.OK: "it was printed",
            ExitCode.CANNOT_PROCEED: "there is no such stack or output, or your role may not read it",
            ExitCode.RETRY: "AWS did not answer",
        }
    )
}
"""


def env(
    output: Annotated[
        str | None, typer.Argument(metavar="OUTPUT", help="Print this output alone, as `pulumi stack output` does.")
    ] = None,
    party: Annotated[Party | None, typer.Option("--for", help="Only what that party needs, without the stack.")] = None,
    plain: Annotated[bool, typer.Option("--plain", help="NAME=value, without `export`.")] = False,  # noqa: FBT002 - a flag
    as_json: Annotated[bool, typer.Option("--json", help="All outputs, as one JSON object.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Print what a stack says of itself: as variables, or one output alone.

    The deployment keeps its outputs in the parameter /baler/STACK of Systems Manager; your role needs ssm:GetParameter
    on it. There is no secret in it.
    """
    if [output is not None, party is not None or plain, as_json].count(True) > 1:
        raise typer.BadParameter("Ask for one output, for variables (--for, --plain), or for --json.")
    name = stack.required()
    outputs = stack.outputs(name)
    if output is not None:
        if output not in outputs:
            typer.echo(f"Stack {name!r} has no output {output}. It has: {', '.join(sorted(outputs))}.", err=True)
            raise typer.Exit(ExitCode.CANNOT_PROCEED)
        typer.echo(str(outputs[output]))
        return
    if as_json:
        typer.echo(json.dumps(outputs, indent=2, sort_keys=True))
        return
    if party is not None:
        if ROLES[party] not in outputs:
            typer.echo(f"Stack {name!r} has no {party}.", err=True)
            raise typer.Exit(ExitCode.CANNOT_PROCEED)
        typer.echo(f"# Of stack {name}; with the credentials of {outputs[ROLES[party]]}")
    for variable, value in variables(name, outputs, party).items():
        typer.echo(f"{variable}={value}" if plain else f"export {variable}={shlex.quote(value)}")
