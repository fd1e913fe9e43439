"""`python -m simulation`, with tests/ on the path. `make simulate` calls it."""

from __future__ import annotations

import time
from contextlib import closing
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from simulation.campaign import Tally, run_campaign
from simulation.invariants import Harm
from simulation.subject import Pipeline, Subject, subject_of

_DEFAULT_SCHEDULES: Final = 5000
# Failing schedules that are shrunk and shown; the others are counted.
_MOST_SHOWN: Final = 3
_INTERRUPTED: Final = 130


def main(
    pipeline: Annotated[Pipeline, typer.Option(help="Which one is simulated.")] = Pipeline.FILES,
    seed: Annotated[int | None, typer.Option(min=0, help="Replay this one, and tell everything that happens.")] = None,
    schedules: Annotated[int, typer.Option(min=1, help="Run as many, from seed 0.")] = _DEFAULT_SCHEDULES,
    broken: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="A wrong protocol in place of the real one; a wrong name lists them."),
    ] = None,
) -> None:
    """Look for a schedule of crashes, delays and retries that loses or doubles something, or floods a receiver.

    Of the files that is a file or a bundle; of the event stream an event, an object or a row.

    Exit codes: 0 none was found, 1 one was found, 130 none was found until Ctrl-C.
    """
    subject = subject_of(pipeline)
    if broken is not None and broken not in subject.broken:
        raise typer.BadParameter(f"there is {', '.join(subject.broken)}", param_hint="--broken")
    if seed is not None:
        raise typer.Exit(_replay(subject, seed, broken))
    tally, began, interrupted = Tally(), time.monotonic(), False
    try:
        _run(pipeline, schedules, broken, tally)
    except KeyboardInterrupt:
        interrupted = True
    line = tally.line(time.monotonic() - began)
    for failed in sorted(tally.failed)[:_MOST_SHOWN]:
        _replay(subject, failed, broken)
        typer.echo()
    typer.echo(line)
    raise typer.Exit(1 if tally.failed else _INTERRUPTED if interrupted else 0)


def _run(pipeline: Pipeline, schedules: int, broken: str | None, tally: Tally) -> None:
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    console = Console(stderr=True)
    with (
        Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress,
        closing(run_campaign(schedules, broken, pipeline)) as counted,
    ):
        task = progress.add_task("schedules", total=schedules)
        for chunk in counted:
            tally.add(chunk)
            lost, others = tally.harms[Harm.LOST], len(tally.failed) - tally.harms[Harm.LOST]
            progress.update(task, completed=tally.schedules, description=f"schedules, lost {lost}, other harm {others}")


def _replay(subject: Subject, seed: int, broken: str | None) -> int:
    """Show a schedule, shrunk if it fails; return the exit code."""
    ran = subject.run(seed, broken, True)
    typer.echo(ran.explain())
    return 0 if ran.violation is None else 1


if __name__ == "__main__":
    typer.run(main)
