"""`python -m sandbox rehearse`, which `make rehearse` calls."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, get_args

from sandbox.errors import SandboxError
from sandbox.pipelines import Pipeline
from sandbox.rehearsal.catalogue import FAULTS, fault_named
from sandbox.rehearsal.rehearsal import Rehearsal, rehearse

if TYPE_CHECKING:
    from rich.console import Console


_FOLDER: Final = Path("out/sandbox")


def run_rehearsal(
    console: Console, *, fault: str | None, pipeline: Pipeline | None, by_itself: bool, port: int
) -> bool:
    """Rehearse a fault, or list those that there are.

    Args:
        console: shows it.
        fault: its name; None lists them.
        pipeline: whose faults are listed; None lists all.
        by_itself: whether the page's commands are typed by this program.
        port: where LocalStack listens.

    Returns:
        whether it is well again.

    Raises:
        SandboxError: there is no such fault, or something is missing or in the way.
    """
    if fault is None:
        _list(console, pipeline)
        return True
    found = fault_named(fault)
    if pipeline not in {None, found.pipeline}:
        raise SandboxError(f"{fault} is a fault of PIPELINE={found.pipeline}: leave PIPELINE out.")
    return rehearse(Rehearsal(found, by_itself=by_itself, port=port, folder=_FOLDER), console)


def _list(console: Console, pipeline: Pipeline | None) -> None:
    longest = max(map(len, FAULTS))
    for name in get_args(Pipeline) if pipeline is None else (pipeline,):
        console.print(f"[bold]{name}[/]")
        for fault in FAULTS.values():
            if fault.pipeline == name:
                console.print(f"  {fault.name:<{longest}}  {fault.summary}", soft_wrap=True)
    console.print("\nmake rehearse FAULT=… lets you repair it; with AUTO=1 its runbook's own commands are typed.")
