"""The `baler` command: one folder of this package per sub-command, each with a command.py."""

from __future__ import annotations

import typer

from operations.consume import command as consume_command

app = typer.Typer(
    name="baler",
    help="What people run around the pipeline.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)


@app.callback()
def _commands() -> None:  # pyright: ignore[reportUnusedFunction]  # makes typer keep `consume` a sub-command while it is the only one
    pass


app.command(name="consume", epilog=consume_command.EPILOG)(consume_command.consume)


def main() -> None:
    """Run the command line; ends the process."""
    app()


if __name__ == "__main__":
    main()
