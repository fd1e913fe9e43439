"""LocalStack with the lake deployed on it, its sources, and its dashboard, for the length of a `with` block."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.lake.site.build import read_build
from sandbox.deployed import lake_of
from sandbox.engine.endpoint import Endpoint
from sandbox.running_stack import running_stack
from sandbox.site.running_site import running_site
from sandbox.sources.running import running_sources

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from rich.console import Console

    from sandbox.deployed import DeployedLake, DeployedStack
    from sandbox.sources.running import Sources
    from sandbox.stack import Engine


@dataclass(frozen=True, slots=True)
class RunningLake:
    """What runs.

    Attributes:
        stack: as it is deployed.
        deployed: the lake of it.
        sources: the stand-ins that it fetches.
        dashboard: URL of the web page.
    """

    stack: DeployedStack
    deployed: DeployedLake
    sources: Sources
    dashboard: str


@contextmanager
def running_lake(  # noqa: PLR0913 - each by its name
    console: Console, *, folder: Path, seed: int, port: int, engine: Engine, log: Path
) -> Generator[RunningLake]:
    """Start LocalStack and the stand-ins, deploy the stack `local` onto it, and serve its dashboard.

    Args:
        console: shows each step.
        folder: gets the file of declarations.
        seed: of what the stand-ins have.
        port: where LocalStack listens.
        engine: what deploys.
        log: the file that gets what LocalStack writes.

    Raises:
        SandboxError: something is missing or in the way.
    """
    with ExitStack() as running:
        sources = running.enter_context(running_sources(folder, seed=seed))
        stack = running.enter_context(
            running_stack(console, pipelines=["lake"], overrides=sources.settings, port=port, engine=engine, log=log)
        )
        deployed = lake_of(stack)
        dashboard = running.enter_context(
            running_site(
                Endpoint(deployed.endpoint, deployed.region),
                bucket=deployed.site_bucket,
                api_url=deployed.api_url,
                headers=read_build().headers,
            )
        )
        yield RunningLake(stack, deployed, sources, dashboard)
