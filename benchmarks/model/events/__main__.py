"""`python -m benchmarks.model.events`: what a rate of events needs on AWS. It needs no account and takes a second."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from baler.commands.cost.events.settings import EventStackSettings
from baler.commands.cost.events.traffic import EventProfile
from baler.commands.cost.figures import figures
from baler.commands.cost.settings import StackFilesError, read_settings
from benchmarks.model.events.plan import plan
from benchmarks.model.events.report import advice, document, table

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def model(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    stack: Annotated[str, typer.Option(help="The stack whose settings are taken.")] = "prod",
    rates: Annotated[str, typer.Option(help="Events per second, one row each.")] = "10,100,1000,10000",
    event_bytes: Annotated[float, typer.Option(min=1, help="Bytes of an event with its key.")] = 165.0,
    months: Annotated[float, typer.Option(min=0, help="How long events have been kept.")] = 12.0,
    batching_window: Annotated[int | None, typer.Option(help="In place of the stack's, in seconds.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="At least this, in place of the stack's.")] = None,
    out: Annotated[Path, typer.Option(help="Folder that gets model-events.json.")] = Path("out"),
) -> None:
    """Say what rates of events need: shards, batches, functions at once, objects, latency and cost."""
    try:
        settings = read_settings(EventStackSettings, Path(), stack)
        wanted = [float(word) for word in rates.split(",")]
    except StackFilesError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    except ValueError as error:
        raise typer.BadParameter(f"{rates!r} is not a list of numbers, 10,100 say.", param_hint="--rates") from error
    given = {"batching_window_seconds": batching_window, "batch_size": batch_size}
    settings = settings.model_copy(update={name: value for name, value in given.items() if value is not None})
    plans = [plan(EventProfile(rate, event_bytes, months), settings, figures()) for rate in wanted]
    out.mkdir(parents=True, exist_ok=True)
    path = out / "model-events.json"
    path.write_text(json.dumps(document(stack, plans), indent=2) + "\n", encoding="utf-8")
    console = Console(highlight=False)
    console.print(table(stack, plans))
    for line in advice(plans):
        console.print(line, soft_wrap=True)
    console.print(f"for programs: {path}")


if __name__ == "__main__":
    app()
