"""Which pipeline a harness is asked for: each has one entry in the demo, the sandbox and the load test."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import typer

from sandbox.errors import SandboxError

Pipeline = Literal["files", "events", "lake"]
Delivery = Literal["pull", "http", "s3"]

PipelineOption = Annotated[
    Pipeline, typer.Option("--pipeline", help="The file pipeline, the event stream, or the lake of records.")
]
DeliveryOption = Annotated[
    Delivery, typer.Option("--delivery", help="How the file pipeline's bundles reach the premises.")
]

_BUILT: Final[tuple[Pipeline, ...]] = ("files",)


def must_be_built(pipeline: Pipeline) -> None:
    """Refuse what cannot be run yet.

    Raises:
        SandboxError: the pipeline is not built.
    """
    if pipeline not in _BUILT:
        there = " or ".join(f"PIPELINE={name}" for name in _BUILT)
        raise SandboxError(f"The pipeline {pipeline} is not built yet: run {there}.")
