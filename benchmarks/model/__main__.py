"""`python -m benchmarks.model`: what AWS would do with a stack. `make model` calls it; it needs no account."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from baler.commands.cost.figures import figures
from baler.commands.cost.settings import StackFilesError, read_stack_settings
from baler.commands.cost.traffic import Profile
from benchmarks.model.prediction import predictions
from benchmarks.model.report import advice, document, table

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def model(
    stack: Annotated[str, typer.Option(help="The stack whose settings are taken.")] = "prod",
    rates: Annotated[str, typer.Option(help="Files per second, one prediction each.")] = "10,100,1000,10000",
    file_bytes: Annotated[float, typer.Option(min=0, help="Bytes of a file, for the cost.")] = 2000.0,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 1,
    out: Annotated[Path, typer.Option(help="Folder that gets model.json.")] = Path("out"),
) -> None:
    """Predict latency, concurrency and cost of a stack at rates that no machine here can produce. Takes a minute."""
    console = Console(highlight=False)
    wanted = _rates(rates)
    try:
        settings = read_stack_settings(Path(), stack)
    except StackFilesError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    ratio = figures().measured.compression_ratio
    with console.status("simulating …"):
        told = predictions(
            settings, figures(), [Profile(rate, file_bytes, ratio, 300.0, 12.0) for rate in wanted], seed
        )
    out.mkdir(parents=True, exist_ok=True)
    path = out / "model.json"
    path.write_text(json.dumps(document(stack, seed, told), indent=2) + "\n", encoding="utf-8")
    console.print(table(stack, told))
    for line in advice(told):
        console.print(line, soft_wrap=True)
    console.print(f"for programs: {path}")


def _rates(text: str) -> list[float]:
    try:
        rates = [float(word) for word in text.split(",")]
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a list of numbers, 10,100 say.", param_hint="--rates") from error
    if any(not 0 < rate <= 100_000 for rate in rates):  # noqa: PLR2004 - a minute of simulation is enough
        raise typer.BadParameter("a rate must be above 0 and at most 100,000.", param_hint="--rates")
    return rates


if __name__ == "__main__":
    app()
