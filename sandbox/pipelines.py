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

_DELIVERIES: Final[dict[Pipeline, tuple[Delivery, ...]]] = {"files": ("pull",)}
"""What is built: the deliveries of each pipeline."""


def must_be_built(pipeline: Pipeline, delivery: Delivery) -> None:
    """Refuse what cannot be run yet.

    Raises:
        SandboxError: the pipeline is not built, or the delivery.
    """
    if pipeline not in _DELIVERIES:
        there = " or ".join(f"PIPELINE={name}" for name in _DELIVERIES)
        raise SandboxError(f"The pipeline {pipeline} is not built yet: run {there}.")
    if delivery not in _DELIVERIES[pipeline]:
        there = " or ".join(f"DELIVERY={name}" for name in _DELIVERIES[pipeline])
        raise SandboxError(f"The pipeline {pipeline} has no delivery {delivery} yet: run {there}.")
