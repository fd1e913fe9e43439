"""Which pipelines a harness is asked for: each has one entry in the demo, the sandbox and the load test."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, get_args

import typer

from sandbox.engine.configuration import stack_values
from sandbox.engine.project import read_project, read_yaml
from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Pipeline = Literal["files", "events", "lake"]
Delivery = Literal["pull", "http", "s3"]

PipelineOption = Annotated[
    Pipeline, typer.Option("--pipeline", help="The file pipeline, the event stream, or the lake of records.")
]
DeliveryOption = Annotated[
    Delivery, typer.Option("--delivery", help="How the file pipeline's bundles reach the premises.")
]

_OPTIONS: Final[dict[Pipeline, frozenset[str]]] = {
    "files": frozenset({"delivery", "files", "rate"}),
    "events": frozenset({"events", "rate"}),
    "lake": frozenset(),
}
_EVERY: Final[tuple[Pipeline, ...]] = get_args(Pipeline)


def refuse_options_of_others(pipeline: Pipeline, **given: bool) -> None:
    """Refuse an option that does nothing for a pipeline.

    Args:
        pipeline: what is asked for.
        given: by the option's name, whether it is.

    Raises:
        SandboxError: one is.
    """
    for option in sorted(given.keys() - _OPTIONS[pipeline]):
        if given[option]:
            raise SandboxError(f"{option.upper()} does nothing for PIPELINE={pipeline}: leave it out.")


def settings_of_only(pipelines: Sequence[Pipeline], project_dir: Path, stack: str) -> dict[str, Any]:
    """Return what makes a stack have these pipelines alone, whatever its file names: settings by qualified key.

    What the file sets of another pipeline gets its default, since the program refuses a key that does nothing.

    Args:
        pipelines: by name, at least one.
        project_dir: The folder of `Pulumi.yaml` and `Pulumi.<stack>.yaml`.
        stack: The stack's name.
    """
    project = read_project(project_dir)
    defaults = {declared.key: declared.default for declared in project.declarations}
    absent = "|".join(name for name in _EVERY if name not in pipelines)
    foreign = re.compile(rf"{project.name}:(?:{absent})[A-Z]\w*")
    given = stack_values(project, read_yaml(project_dir / f"Pulumi.{stack}.yaml"))
    reset = {key: defaults[key] for key in given if absent and foreign.fullmatch(key) and key in defaults}
    return {**reset, project.qualified("pipelines"): list(pipelines)}
