"""`python -m benchmarks`: everything side by side, in one run. `make bench` calls it."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

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
from benchmarks.contestant import PEERS
from benchmarks.errors import BenchmarkError
from benchmarks.figures import draw
from benchmarks.peer import peers_of
from benchmarks.results import Results
from benchmarks.stage import FAST, LOCALSTACK, fast_stage, localstack_stage
from benchmarks.tables import tables
from benchmarks.targets import targets
from components.blocks.function_package import FunctionPackageError
from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.end_to_end import Ended
    from benchmarks.peer import Peer

_PEER_HELP: Final = (
    "A command that bales the landing bucket, to be measured beside the others; may be given more than once. It runs "
    "once a round on each floor, its start included. Where it works is in variables, and as {NAME} in the command: "
    "AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, LANDING_BUCKET, LANDING_PREFIX and "
    "OUTPUT_BUCKET, which is empty when it starts. For example: --peer 'my-baler --from "
    "s3://{LANDING_BUCKET}/{LANDING_PREFIX} --to s3://{OUTPUT_BUCKET}/'. See docs/performance.md."
)

# One takes milliseconds, so that more of them cost nothing, and a busy moment of the machine is no more than one.
_ROUNDS_OF_RECORDS: Final = 5

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def bench(
    rounds: Annotated[int, typer.Option(min=1, help="How often each contestant runs; they take turns.")] = 5,
    out: Annotated[Path, typer.Option(help="Folder that gets bench.json and the contestants' logs.")] = Path("out"),
    figures: Annotated[Path | None, typer.Option(help="Folder that gets the figures, as PNG.")] = None,
    peer: Annotated[list[str] | None, typer.Option(metavar="COMMAND", help=_PEER_HELP)] = None,
) -> None:
    """Measure ours beside its peers; print tables with ratios and write bench.json. Takes some minutes."""
    console = Console(highlight=False)
    try:
        results = _measure(rounds, out / "bench", peers_of(peer or ()), console)
    except (SandboxError, BenchmarkError, FunctionPackageError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    aims = targets(results)
    results.write(out / "bench.json", [target.to_json() for target in aims])
    for table in tables(results, aims):
        console.print(table)
    console.print(f"for programs: {out / 'bench.json'}")
    if figures:
        for path in draw(results, figures):
            console.print(f"figure: {path}")
        # What they are drawn from, for the tables of docs/performance.md.
        shutil.copy(out / "bench.json", figures / "bench.json")


def _measure(rounds: int, logs: Path, peers: Sequence[Peer], console: Console) -> Results:
    if not PEERS.exists():
        raise BenchmarkError(f"{PEERS.parents[1].name} is not installed: run `make bench`.")
    shutil.rmtree(logs, ignore_errors=True)  # of an earlier run
    facts = machine.facts(PEERS)
    ended: dict[str, Ended] = {}
    with tempfile.TemporaryDirectory(prefix="baler-bench-") as folder:
        task, stored = Path(folder) / "task", Path(folder) / "stored"
        stored.mkdir()
        zipped = package.unpack(task)
        with console.status("cold start …"):
            started = cold_start.measure(task, zipped, 2 * rounds)
        with console.status("bundling …"):
            bundled = bundling.measure(rounds)
        with console.status("records …"):
            recorded = records.measure(_ROUNDS_OF_RECORDS * rounds)
        with console.status("end to end on the fast floor …") as status, fast_stage() as here:
            ended[FAST] = end_to_end.measure(here, task, logs / "fast-floor", rounds, peers)
            status.update("growth …")
            grown = growth.measure(here, logs, rounds)
            status.update("memory …")
            remembered = memory.measure(here, task, logs)
            status.update("power …")
            powered = power.measure(here, task, stored, logs, rounds)
            status.update("consumer …")
            received = consumer.measure(here, logs, rounds)
        with console.status("end to end on LocalStack …"), localstack_stage(logs / "localstack.log") as here:
            ended[LOCALSTACK] = end_to_end.measure(here, task, logs / "localstack", rounds, peers)
            counted = calls.measure(here, task, logs)
        with console.status("deliveries …"):
            delivered = deliveries.measure(stored, logs, rounds)
    facts |= {"load_after": os.getloadavg()[0]}
    return Results(facts, bundled, ended, counted, started, remembered, grown, delivered, powered, recorded, received)


if __name__ == "__main__":
    app()
