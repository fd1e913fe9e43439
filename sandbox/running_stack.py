"""LocalStack with the stack deployed on it for the length of a `with` block; prints what it does."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final

from rich.markup import escape
from rich.text import Text

from sandbox.engine.errors import CreationError
from sandbox.engine.program import PROJECT_DIR
from sandbox.engine.pulumi_cli import pulumi_executable
from sandbox.errors import SandboxError
from sandbox.iam.refusals import RefusalLog
from sandbox.localstack.server import running_localstack
from sandbox.stack import STACK, count_resources, deploy_local_stack

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from pathlib import Path

    from rich.console import Console

    from sandbox.deployed import DeployedStack
    from sandbox.engine.deployment import ResourceEvent
    from sandbox.iam.refusals import Refusal
    from sandbox.localstack.server import LocalStack
    from sandbox.pipelines import Pipeline
    from sandbox.stack import Engine

_REPORT_SECONDS: Final = 0.5
_DIFFERENCES: Final = "docs/sandbox.md"


@contextmanager
def running_stack(  # noqa: PLR0913 - each by its name
    console: Console,
    *,
    pipelines: Sequence[Pipeline],
    overrides: Mapping[str, Any],
    port: int,
    engine: Engine,
    log: Path,
) -> Generator[DeployedStack]:
    """Start LocalStack and deploy the stack `local` onto it.

    Args:
        console: shows each step.
        pipelines: what the stack has.
        overrides: configuration that wins over Pulumi.local.yaml's, by key.
        port: where LocalStack listens.
        engine: what deploys.
        log: the file that gets what LocalStack writes.

    Raises:
        SandboxError: something is missing or in the way.
    """
    if engine == "pulumi":
        pulumi_executable()  # says that it is missing before anything is started
    started = time.monotonic()
    with ExitStack() as running:
        with (
            console.status("Starting LocalStack …"),
            ThreadPoolExecutor(1) as counting,
        ):
            # Either takes seconds, on a core of its own.
            total = counting.submit(count_resources, pipelines, overrides) if engine == "built-in" else None
            localstack = running.enter_context(running_localstack(log, port=port))
        running.enter_context(_reporting(console, localstack))
        console.print(f"LocalStack is ready at {localstack.endpoint} ({time.monotonic() - started:.1f} s)")
        try:
            if total is None:
                console.print("Deploying with the Pulumi CLI …")
                deployed = deploy_local_stack(
                    localstack.endpoint, pipelines=pipelines, engine=engine, overrides=overrides
                )
            else:
                deployed = _deploy(console, localstack.endpoint, pipelines, overrides, total.result())
        except CreationError as error:
            raise SandboxError(f"{error} (what LocalStack wrote is in {log})") from error
        yield deployed


@contextmanager
def _reporting(console: Console, localstack: LocalStack) -> Generator[None]:
    """Print each request that IAM refuses, soon after it was."""
    assert localstack.refusals is not None  # noqa: S101 - it enforces
    log = RefusalLog(localstack.refusals)
    ended = threading.Event()

    def report() -> None:
        printed: set[Refusal] = set()
        last = False
        while not last:
            last = ended.wait(_REPORT_SECONDS)
            for refusal in log.new():
                if refusal not in printed:
                    console.print(Text(f"IAM: {refusal}", style="red"), soft_wrap=True)
                printed.add(refusal)

    reporter = threading.Thread(target=report, daemon=True)
    reporter.start()
    try:
        yield
    finally:
        ended.set()
        reporter.join()


def deploy_again(
    console: Console,
    standing: DeployedStack,
    *,
    pipelines: Sequence[Pipeline],
    overrides: Mapping[str, Any],
    engine: Engine,
) -> DeployedStack:
    """Deploy the stack once more onto the LocalStack where it stands, after something that it is made of has changed.

    Args:
        console: shows it.
        standing: what is deployed.
        pipelines: what it has, as when it was deployed.
        overrides: likewise.
        engine: likewise.

    Raises:
        SandboxError: it could not be changed.
    """
    started = time.monotonic()
    events: list[ResourceEvent] = []
    with console.status("Deploying again …"):
        deployed = deploy_local_stack(
            standing.endpoint,
            pipelines=pipelines,
            engine=engine,
            overrides=overrides,
            on_resource=events.append,
            standing=standing,
        )
    what = ", ".join(
        f"{count} {outcome}"
        for outcome in ("created", "updated", "same")
        if (count := sum(event.outcome == outcome for event in events))
    )
    console.print(f"Deployed the stack {STACK} again: {what or 'by Pulumi'} ({time.monotonic() - started:.1f} s)")
    return deployed


def _deploy(
    console: Console, endpoint: str, pipelines: Sequence[Pipeline], overrides: Mapping[str, Any], total: int
) -> DeployedStack:
    started = time.monotonic()
    events: list[ResourceEvent] = []
    with console.status(f"Deploying 0/{total}") as status:

        def progressed(event: ResourceEvent) -> None:
            events.append(event)
            if event.outcome == "created":
                kind = event.type.rpartition(":")[2]
                status.update(f"Deploying {_created(events)}/{total}  [dim]{kind} {escape(event.name)}")

        deployed = deploy_local_stack(endpoint, pipelines=pipelines, overrides=overrides, on_resource=progressed)
    console.print(f"Deployed the stack {STACK}: {_created(events)} resources ({time.monotonic() - started:.1f} s)")
    if absent := sum(event.outcome == "absent" for event in events):
        line = Text(f"{absent} resources are left out, which LocalStack does not have: ", style="dim")
        console.print(line.append(_DIFFERENCES, style=f"link {(PROJECT_DIR / _DIFFERENCES).as_uri()}"), soft_wrap=True)
    return deployed


def _created(events: Sequence[ResourceEvent]) -> int:
    return sum(event.outcome == "created" for event in events)
