"""`python -m benchmarks`: everything side by side, in one run. `make bench` calls it."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from benchmarks import (
    bundling,
    calls,
    cold_start,
    consumer,
    deliveries,
    end_to_end,
    growth,
    machine,
    memory,
    package,
    power,
    records,
)
from benchmarks.contestant import PEERS, BenchmarkError
from benchmarks.figures import draw
from benchmarks.results import Results
from benchmarks.stage import stage
from benchmarks.tables import tables
from benchmarks.targets import targets
from components.blocks.function_package import FunctionPackageError
from sandbox.errors import SandboxError

# One takes milliseconds, so that more of them cost nothing, and a busy moment of the machine is no more than one.
_ROUNDS_OF_RECORDS: Final = 5

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def bench(
    rounds: Annotated[int, typer.Option(min=1, help="How often each contestant runs; they take turns.")] = 5,
    out: Annotated[Path, typer.Option(help="Folder that gets bench.json and the contestants' logs.")] = Path("out"),
    figures: Annotated[Path | None, typer.Option(help="Folder that gets the figures, as PNG.")] = None,
) -> None:
    """Measure ours beside its peers; print tables with ratios and write bench.json. Takes some minutes."""
    console = Console(highlight=False)
    try:
        results = _measure(rounds, out / "bench", console)
    except (SandboxError, BenchmarkError, FunctionPackageError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    aims = targets(results)
    results.write(out / "bench.json", [target.to_json() for target in aims])
    for table in tables(results, aims):
        console.print(table)
    console.print(f"for programs: {out / 'bench.json'}")
    for path in draw(results, figures) if figures else []:
        console.print(f"figure: {path}")


def _measure(rounds: int, logs: Path, console: Console) -> Results:
    if not PEERS.exists():
        raise BenchmarkError(f"{PEERS.parents[1].name} is not installed: run `make bench`.")
    shutil.rmtree(logs, ignore_errors=True)  # of an earlier run
    facts = machine.facts(PEERS)
    with tempfile.TemporaryDirectory(prefix="baler-bench-") as folder, stage(logs / "localstack.log") as here:
        task, stored = Path(folder) / "task", Path(folder) / "stored"
        stored.mkdir()
        zipped = package.unpack(task)
        with console.status("cold start …"):
            started = cold_start.measure(task, zipped, 2 * rounds)
        with console.status("bundling …"):
            bundled = bundling.measure(rounds)
        with console.status("records …"):
            recorded = records.measure(_ROUNDS_OF_RECORDS * rounds)
        with console.status("end to end …"):
            ended = end_to_end.measure(here, task, logs, rounds)
        with console.status("calls …"):
            counted = calls.measure(here, task, logs)
        with console.status("growth …"):
            grown = growth.measure(here, logs, rounds)
        with console.status("memory …"):
            remembered = memory.measure(here, task, logs)
        with console.status("deliveries …"):
            delivered = deliveries.measure(stored, logs, rounds)
        with console.status("power …"):
            powered = power.measure(here, task, stored, logs, rounds)
        with console.status("consumer …"):
            received = consumer.measure(here, logs, rounds)
    return Results(facts, bundled, ended, counted, started, remembered, grown, delivered, powered, recorded, received)


if __name__ == "__main__":
    app()
