"""`python -m benchmarks.model.scale`: what carries 10,000 files a second, and what does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from baler.commands.cost.figures import figures
from baler.commands.cost.settings import StackFilesError, read_stack_settings
from benchmarks.model.limits import NEW_TABLE_WRITES
from benchmarks.model.scale.outage import recovery
from benchmarks.model.scale.report import document, outage_table, table
from benchmarks.model.scale.shape import Shape, trial

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

# What the program warms the claim table to, for each file a second (components/files/capacity.py; a test compares).
WARM_WRITES_OF_A_FILE: Final = 1.25
# Above the rate that is declared: what comes unexpected.
_BEYOND: Final = (1.1, 1.2, 1.3)


def shapes(rate: float) -> list[Shape]:
    """Return the shapes that are tried: as it is without a setting, then one lever after the other, declared last."""
    new, warm = float(NEW_TABLE_WRITES), max(float(NEW_TABLE_WRITES), WARM_WRITES_OF_A_FILE * rate)
    return [
        Shape(1, 10, new),
        Shape(1, 142, new),
        Shape(1, 142, warm),
        Shape(1, 142, warm, partitioned=True),
        Shape(2, 71, warm),
        Shape(5, 30, warm),
        Shape(10, 8, warm),
        Shape(10, 9, warm),
        Shape(10, 15, new),
        Shape(10, 15, warm),
    ]


@app.command()
def scale(
    stack: Annotated[str, typer.Option(help="The stack whose other settings are taken.")] = "prod",
    rate: Annotated[float, typer.Option(min=100, max=20_000, help="Files per second.")] = 10_000.0,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 1,
    out: Annotated[Path, typer.Option(help="Folder that gets scale.json.")] = Path("out"),
) -> None:
    """Simulate a rate over one and several queues, with what AWS throttles. Takes some minutes."""
    console = Console(highlight=False)
    try:
        settings = read_stack_settings(Path(), stack)
    except StackFilesError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    told = figures()
    with console.status("simulating …"):
        tried = shapes(rate)
        one, declared = tried[1], tried[-1]
        trials = [trial(shape, rate, settings, told, seed) for shape in tried]
        trials += [trial(declared, rate * more, settings, told, seed) for more in _BEYOND]
        recoveries = [recovery(shape, rate, settings, told, seed) for shape in (one, declared)]
    out.mkdir(parents=True, exist_ok=True)
    path = out / "scale.json"
    path.write_text(json.dumps(document(stack, seed, trials, recoveries), indent=2) + "\n", encoding="utf-8")
    console.print(table(trials))
    console.print(outage_table(recoveries))
    console.print(f"for programs: {path}")


if __name__ == "__main__":
    app()
