"""The `baler` command: one folder of this package per sub-command, each with a command.py."""

from __future__ import annotations

import sys

import typer

from baler.cli.output import ended, guard_output
from baler.commands.consume import command as consume_command
from baler.commands.cost import command as cost_command
from baler.commands.dead_letters import command as dead_letters_command
from baler.commands.deploy import command as deploy_command
from baler.commands.extract import command as extract_command
from baler.commands.replay import command as replay_command
from baler.commands.status import command as status_command

app = typer.Typer(
    name="baler",
    help="What people run around the pipeline.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)


app.command(name="consume", epilog=consume_command.EPILOG)(consume_command.consume)
app.command(name="cost", epilog=cost_command.EPILOG)(cost_command.cost)
app.add_typer(dead_letters_command.app)
app.command(name="deploy", epilog=deploy_command.EPILOG)(deploy_command.deploy)
app.command(name="extract", epilog=extract_command.EPILOG)(extract_command.extract)
app.command(name="replay", epilog=replay_command.EPILOG)(replay_command.replay)
app.command(name="status", epilog=status_command.EPILOG)(status_command.status)


def main() -> None:
    """Run the command line; ends the process."""
    guard_output()
    sys.exit(ended(app))


if __name__ == "__main__":
    main()
