"""`python -m sandbox`: the whole system on one machine. `make demo` and `make sandbox` call it."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import threading
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer
from rich.console import Console

from sandbox.alone import alone
from sandbox.demo.events.result import RECORDS
from sandbox.demo.events.run import RATE, EventsDemo, run_events_demo
from sandbox.demo.lake.run import LakeDemo, run_lake_demo
from sandbox.demo.run import Demo, run_demo
from sandbox.deployed import events_of
from sandbox.errors import SandboxError
from sandbox.faults import NONE, Day, FaultInjection, FaultsOption, SeedOption
from sandbox.localstack.ports import LOOPBACK
from sandbox.localstack.server import DEFAULT_PORT
from sandbox.pipelines import DeliveryOption, Pipeline, PipelineOption, refuse_options_of_others
from sandbox.rehearsal.command import run_rehearsal
from sandbox.running_files import running_files
from sandbox.running_lake import running_lake
from sandbox.running_stack import running_stack
from sandbox.stack import STACK
from sandbox.terminal.environment import write_environment
from sandbox.time_lapse import SANDBOX_FACTOR, set_time_lapse
from sandbox.usage.events import how_to_use_events
from sandbox.usage.files import how_to_use_files
from sandbox.usage.lake import how_to_use_lake

if TYPE_CHECKING:
    from collections.abc import Generator

    from sandbox.deployed import DeployedStack
    from sandbox.pipelines import Delivery
    from sandbox.receivers.premises import Premises
    from sandbox.stack import Engine

_SANDBOX: Final = Path("out/sandbox")
_LOG: Final = _SANDBOX / "localstack.log"
_COLLECT_SECONDS: Final = 1.0
# What this machine's disk refuses, and not what this program does wrong.
_UNWRITABLE: Final = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES}

app = typer.Typer(
    name="python -m sandbox",
    help="The whole system on one machine: LocalStack without Docker, and the program deployed onto it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)

Port = Annotated[int, typer.Option(min=1, max=65535, help="Where LocalStack listens, on this machine alone.")]
EngineName = Annotated[
    Literal["built-in", "pulumi"], typer.Option(help="What deploys: ours, or the Pulumi CLI if it is installed.")
]


@contextmanager
def _plain_words() -> Generator[None]:
    """End with a sentence instead of a traceback: 2 where something is missing or in the way, 130 after Ctrl-C."""
    try:
        yield
    except SandboxError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    except KeyboardInterrupt as interrupt:
        typer.echo("Stopped.", err=True)
        raise typer.Exit(130) from interrupt
    except OSError as error:
        if error.errno not in _UNWRITABLE:
            raise
        where = f"{error.filename} cannot be written" if error.filename else "A file cannot be written"
        typer.echo(f"{where}: {os.strerror(error.errno).lower()}.", err=True)
        raise typer.Exit(2) from error


@app.command(
    epilog="Examples:\n\n    make demo\n\n    make demo FILES=~/readings RATE=100\n\n    make demo PIPELINE=events"
    "\n\n    make demo PIPELINE=lake"
)
def demo(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    pipeline: PipelineOption = "files",
    delivery: DeliveryOption = "pull",
    files: Annotated[Path | None, typer.Option(help="Send every regular file below this folder.")] = None,
    events: Annotated[
        int | None, typer.Option(min=100, max=1_000_000, help="Records to send.", show_default=str(RECORDS))
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(
            min=0.01,
            max=10_000,
            help="Files or records per second.",
            show_default=f"50, 8 where the receiver goes away, {RATE:g} of the event stream",
        ),
    ] = None,
    port: Port = DEFAULT_PORT,
    engine: EngineName = "built-in",
    faults: FaultsOption = NONE,
    seed: SeedOption = 0,
) -> None:
    """Deploy, send files, events or records through, and check that each is there exactly once (exit code 0 then)."""
    console, out, day = Console(highlight=False), Path("out"), Day(faults, seed)
    with _plain_words():
        given = {"delivery": delivery != "pull", "files": files is not None, "events": events is not None}
        refuse_options_of_others(pipeline, **given, rate=rate is not None)
        if pipeline == "lake":
            raise typer.Exit(0 if run_lake_demo(LakeDemo(port, engine, out, day), console).passed else 1)
        if pipeline == "events":
            of_events = EventsDemo(events or RECORDS, rate or RATE, port, engine, out, day)
            raise typer.Exit(0 if run_events_demo(of_events, console).passed else 1)
        of_files = Demo(
            delivery=delivery,
            files=files and files.expanduser(),
            rate=rate,
            port=port,
            engine=engine,
            out=out,
            day=day,
        )
        exact = run_demo(of_files, console).exact
    raise typer.Exit(0 if exact else 1)


@app.command()
def up(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    pipeline: PipelineOption = "files",
    delivery: DeliveryOption = "pull",
    port: Port = DEFAULT_PORT,
    engine: EngineName = "built-in",
    faults: FaultsOption = NONE,
    seed: SeedOption = 0,
) -> None:
    """Deploy, and keep it running until Ctrl-C."""
    console = Console(highlight=False, soft_wrap=True)
    with _plain_words(), ExitStack() as opened:
        refuse_options_of_others(pipeline, delivery=delivery != "pull")
        opened.enter_context(alone(_SANDBOX))  # on another port too: both would write the same logs
        if pipeline == "events":
            premises, (stack, usage) = None, _events_up(opened, console, port, engine)
        elif pipeline == "lake":
            premises, (stack, usage) = None, _lake_up(opened, console, port, engine)
        else:
            premises, stack, usage = _files_up(opened, console, delivery, port, engine)
        set_time_lapse(f"http://{LOOPBACK}:{port}", STACK, SANDBOX_FACTOR)
        console.print(f"Alarms run in time lapse: a minute of theirs lasts {60 / SANDBOX_FACTOR:.0f} s.")
        FaultInjection(stack, Day(faults, seed), console.print).begin()
        for line in usage:
            console.print(line, markup=False, emoji=False)
        try:
            _wait(premises)
        except KeyboardInterrupt:
            console.print("Stopping …")


@app.command()
def rehearse(
    fault: Annotated[str | None, typer.Option(help="What is to be broken; without it, the faults are listed.")] = None,
    pipeline: Annotated[Pipeline | None, typer.Option(help="List the faults of this pipeline alone.")] = None,
    auto: Annotated[bool, typer.Option("--auto", help="Type the runbook's own commands.")] = False,  # noqa: FBT002 - a flag
    port: Port = DEFAULT_PORT,
) -> None:
    """Break a stack that works, see the alarm fire, repair it by the runbook (exit code 0 when it is well again)."""
    console = Console(highlight=False, soft_wrap=True)
    with _plain_words():
        well = run_rehearsal(console, fault=fault, pipeline=pipeline, by_itself=auto, port=port)
    raise typer.Exit(0 if well else 1)


def _files_up(
    opened: ExitStack, console: Console, delivery: Delivery, port: int, engine: Engine
) -> tuple[Premises | None, DeployedStack, list[str]]:
    if delivery != "pull":
        shutil.rmtree(_SANDBOX / "receiver", ignore_errors=True)  # what an earlier one received, if anything
    running = opened.enter_context(
        running_files(console, delivery=delivery, receiver=_SANDBOX / "receiver", port=port, engine=engine, log=_LOG)
    )
    env = write_environment(running.deployed, _SANDBOX)
    usage = how_to_use_files(running.deployed, _LOG, env, running.premises)
    return running.premises, running.deployed, usage


def _events_up(opened: ExitStack, console: Console, port: int, engine: Engine) -> tuple[DeployedStack, list[str]]:
    stack = opened.enter_context(
        running_stack(console, pipelines=["events"], overrides={}, port=port, engine=engine, log=_LOG)
    )
    return stack, how_to_use_events(events_of(stack), _LOG, write_environment(stack, _SANDBOX))


def _lake_up(opened: ExitStack, console: Console, port: int, engine: Engine) -> tuple[DeployedStack, list[str]]:
    running = opened.enter_context(
        running_lake(console, folder=_SANDBOX / "lake", seed=0, port=port, engine=engine, log=_LOG)
    )
    return running.stack, how_to_use_lake(running, _LOG, write_environment(running.stack, _SANDBOX))


def _wait(premises: Premises | None) -> None:
    """Wait for Ctrl-C, and meanwhile unpack what comes into a store."""
    while not threading.Event().wait(_COLLECT_SECONDS):
        if premises is not None:
            premises.collect()


def _stop(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    app()
