"""`python -m loadtest`: the load test against a stack of its own on this machine. `make loadtest` calls it."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console
from rich.text import Text

from loadtest.events.summary import lines as event_lines
from loadtest.lake.run import load_lake
from loadtest.lake.verdict import lines as lake_lines
from loadtest.locust_process import run_locust
from loadtest.sampler import sampling
from loadtest.samples import FILE
from loadtest.shapes import EVENT_SHAPES, LAKE_SHAPES, SHAPES, Shape, ShapeError, shape_of
from loadtest.summary import lines
from sandbox.deployed import lake_of
from sandbox.errors import SandboxError
from sandbox.localstack.ports import require_free
from sandbox.localstack.server import DEFAULT_PORT
from sandbox.pipelines import DeliveryOption, PipelineOption, refuse_options_of_others
from sandbox.running_files import running_files
from sandbox.running_stack import running_stack
from sandbox.sources.running import running_sources

if TYPE_CHECKING:
    from sandbox.pipelines import Delivery

_OUT: Final = Path("out/loadtest")
# What requirement document 5 says for a stream under load: 100, then 500, then 1000.
_EVENTS_AT_ONCE: Final = 500
_USUAL: Final = {"files": "burst", "events": "events-burst", "lake": "lake-read"}
_SHAPES: Final = {"files": SHAPES, "events": EVENT_SHAPES, "lake": LAKE_SHAPES}
_LINES: Final = {"files": lines, "events": event_lines, "lake": lake_lines}
_WRITTEN: Final = ("summary.json", "report.html", "latency.png", "soak.png", FILE)

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="markdown")


@app.command(
    name="python -m loadtest",
    epilog="Exit codes: 0 the objective is met · 1 it is missed · 2 it could not run · 3 the run proves nothing · "
    "130 Ctrl-C before anything was measured\n\nExample:\n\n    make loadtest SHAPE=burst RATES=10,200,10",
)
def loadtest(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    pipeline: PipelineOption = "files",
    delivery: DeliveryOption = "pull",
    shape: Annotated[
        str,
        typer.Option(
            help="Of files: baseline, burst, soak or spike; of the event stream: events-burst or events-baseline; "
            "of the lake: lake-read or lake-steady.",
            show_default="burst, events-burst, lake-read",
        ),
    ] = "",
    duration: Annotated[str, typer.Option(metavar="TIME", help="Of the whole: 90, 90s, 15m, 8h.")] = "",
    rates: Annotated[
        str, typer.Option(metavar="N,N,...", help="Files, events or requests per second, one number for each phase.")
    ] = "",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where LocalStack listens, on this machine alone.")] = (
        DEFAULT_PORT
    ),
) -> None:
    """Deploy onto LocalStack, send at a given rate, and say whether the objective is met."""
    console = Console(highlight=False)
    try:
        refuse_options_of_others(pipeline, delivery=delivery != "pull")
        chosen = shape_of(shape or _USUAL[pipeline], duration, rates, shapes=_SHAPES[pipeline])
        # Two runs beside each other have two ports, and so two folders. A run that cannot begin leaves what is there.
        results = _OUT / (chosen.name if port == DEFAULT_PORT else f"{chosen.name}-{port}")
        require_free(port)
        shutil.rmtree(results, ignore_errors=True)  # what an earlier run left; a folder that is not there is as good
        results.mkdir(parents=True)
        console.print(f"Load: {chosen}")
        options = ["--shape", chosen.name, "--duration", duration, "--rates", rates]
        if pipeline == "events":
            code = _load_events(console, results, port, options)
        elif pipeline == "lake":
            code = _load_lake(console, results, port, chosen)
        else:
            code = _load_files(console, results, delivery, port, options, chosen.seconds)
    except (SandboxError, ShapeError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    except KeyboardInterrupt as interrupt:
        typer.echo("Stopped.", err=True)
        raise typer.Exit(130) from interrupt
    summary = results / "summary.json"
    if not summary.exists():
        typer.echo(f"Locust ended without a result; what it said is in {results / 'locust.log'}", err=True)
        raise typer.Exit(2)
    found: dict[str, Any] = json.loads(summary.read_bytes())
    for line in _LINES[pipeline](found):
        console.print(Text(line))
    written = ", ".join(name for name in _WRITTEN if (results / name).exists())
    console.print(Text(f"files              {results}: {written}"))
    if (page := results / "index.html").exists():
        console.print(Text(f"report             {page.resolve()}"), soft_wrap=True)
    raise typer.Exit(code)


def _load_files(  # noqa: PLR0913, PLR0917 - all of them the caller's own
    console: Console, results: Path, delivery: Delivery, port: int, options: list[str], seconds: float
) -> int:
    receiver, log = results / "receiver", results / "localstack.log"
    with running_files(console, delivery=delivery, receiver=receiver, port=port, engine="built-in", log=log) as running:
        watched = "receipts" if running.premises else "mailbox"
        with sampling(results / FILE, seconds):
            return run_locust(console, running.deployed, "locustfile.py", results, [*options, "--watch", watched])


def _load_events(console: Console, results: Path, port: int, options: list[str]) -> int:
    with running_stack(
        console,
        pipelines=["events"],
        overrides={"baler:eventsBatchSize": _EVENTS_AT_ONCE},
        port=port,
        engine="built-in",
        log=results / "localstack.log",
    ) as deployed:
        return run_locust(console, deployed, "events/locustfile.py", results, options)


def _load_lake(console: Console, results: Path, port: int, shape: Shape) -> int:
    with (
        running_sources(results / "lake") as sources,
        running_stack(
            console,
            pipelines=["lake"],
            overrides={**sources.settings, "baler:lakeDashboard": False},
            port=port,
            engine="built-in",
            log=results / "localstack.log",
        ) as deployed,
    ):
        return load_lake(lake_of(deployed), sources, shape, results, console.print)


def _stop(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    app()
