"""The `baler` command: a folder of baler/commands for each sub-command, imported only where it is the one asked for.

Its `command.py` has a function of its name and an `EPILOG`, or an `app` where it has commands of its own.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from baler.cli.configuration import Configuration, ConfigurationError, defaults_of, read_configuration
from baler.cli.exit_codes import ExitCode
from baler.cli.output import ended, guard_output
from baler.cli.stack import VARIABLE, forget, select
from baler.cli.version import version

SUB_COMMANDS: Final = {
    "audit": "Compare what landed with the archive, the mailbox and whoever received it: is anything lost, or twice?",
    "consume": "Take bundles out of the mailbox and leave their files in a folder, each exactly once.",
    "cost": "Estimate what a stack costs a month on AWS, and check the requirements' own estimates.",
    "dead-letters": "List the messages that the pipeline gave up on, send them again, or discard them.",
    "deploy": "Shift the function to the version that `pulumi up` has published, as the stack's setting rollout says.",
    "doctor": "Find out what is wrong with credentials, region, endpoint, clock, rights or versions.",
    "env": "Print what a stack says of itself: as variables, or one output alone.",
    "events": "Operate the event stream: send events, see what became of them, query them, bring them back.",
    "extract": "Take files out of the archive.",
    "find": "Tell a file's whole story: landed, claimed, archived, in the mailbox, delivered or received, or why not.",
    "lake": "Operate the API data lake: see what became of a source or a record, check the counters, curate again.",
    "ledger": "Ask a consumer's ledger what was received and when, what is in quarantine, and which hooks are due.",
    "ls": "List the files of a period: when each landed, its size, its state, its bundle and its key.",
    "redeliver": "Put bundles that the receiver refused back into the mailbox, for the courier to send once more.",
    "replay": "Put archived bundles into the mailbox once more, to be delivered although they have been.",
    "send": "Put the files of a folder into the landing bucket, each once, whatever interrupts it.",
    "status": "Show whether a stack is healthy: what waits, what is late, what was given up, and which alarms are on.",
    "verify": "Check that the archive is intact: that no bundle was removed, exchanged or damaged.",
}
"""The first paragraph of each one's own help, which the list of them would else import them all for."""


# The classes of click that Typer brings have no public names: Any stands for a command and its context.
class _SubCommands(TyperGroup):
    """Lists sub-commands by what is known of them, and imports the one that is run."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        for name, summary in SUB_COMMANDS.items():
            self.add_command(TyperCommand(name, help=summary, rich_markup_mode=self.rich_markup_mode))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, listed, rest = super().resolve_command(ctx, args)
        if not name:
            return name, listed, rest
        command = sub_command(name)
        if not ctx.resilient_parsing:  # which is how a shell asks for completions
            _configure(ctx, name, command)
        return name, command, rest


def _configure(ctx: Any, name: str, command: Any) -> None:
    """Take what baler.toml says before anything is asked of the environment or of AWS."""
    try:
        configuration = read_configuration()
        table = configuration.commands.get(name, {})
        # Where Typer looks for what neither the command line nor a variable says.
        ctx.default_map = {name: defaults_of(command, table, f"{configuration.path}: {name}")}
    except ConfigurationError as error:
        from baler.cli.report import printable  # noqa: PLC0415 - it imports much, and most files are right

        typer.echo(printable(str(error)), err=True)
        raise typer.Exit(ExitCode.CANNOT_PROCEED) from error
    configuration.for_aws()
    ctx.obj = configuration


def sub_command(name: str) -> Any:
    """Import one of `SUB_COMMANDS` and return it with all its options."""
    module = import_module(f"baler.commands.{name.replace('-', '_')}.command")
    if hasattr(module, "app"):
        command: Any = get_group(module.app)
    else:
        alone = typer.Typer(add_completion=False, rich_markup_mode="markdown")
        alone.command(name=name, epilog=module.EPILOG)(getattr(module, name))
        command = get_command(alone)
    _give_stack_option(command)
    return command


def _give_stack_option(command: Any) -> None:
    """Let the stack be named behind the words of a command too, whichever it is."""
    for below in getattr(command, "commands", {}).values():
        _give_stack_option(below)
    if not hasattr(command, "commands"):
        command.params.append(_stack_option())


@cache
def _stack_option() -> Any:
    """Return the option as Typer makes it; what a command itself does knows nothing of it."""
    alone = typer.Typer(add_completion=False)

    @alone.command()
    def _(stack: Annotated[str | None, _STACK] = None) -> None: ...  # pyright: ignore[reportUnusedParameter]

    [option] = get_command(alone).params
    return option


app = typer.Typer(
    name="baler",
    cls=_SubCommands,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)


def _select(context: typer.Context, name: str | None) -> None:
    # What the variable says is known already, and an option in front of the command has overruled it.
    if name and str(context.get_parameter_source("stack")).endswith("COMMANDLINE"):
        select(name)


_STACK: Final = typer.Option(
    "--stack",
    envvar=VARIABLE,
    metavar="NAME",
    is_eager=True,
    expose_value=False,
    callback=_select,
    help="The stack, for example prod: what a command needs to know of it need not be given.",
)


def _version(asked: bool) -> None:  # noqa: FBT001 - what Typer calls
    if asked:
        typer.echo(f"baler {version()}")
        raise typer.Exit


@app.callback(help="Operate a Baler pipeline: receive, watch, replay, repair.")
def _options(
    context: typer.Context,
    stack: Annotated[
        str | None,
        typer.Option(envvar=VARIABLE, metavar="NAME", help="The stack, for example prod, of whatever command follows."),
    ] = None,
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show it and exit.")] = False,  # noqa: FBT002 - a flag
) -> None:
    context.call_on_close(forget)
    named = stack or (context.obj.stack if isinstance(context.obj, Configuration) else None)
    if named:
        select(named)


def main() -> None:
    """Run the command line; ends the process."""
    guard_output()
    sys.exit(ended(app))


if __name__ == "__main__":
    main()
