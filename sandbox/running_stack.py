"""LocalStack with the stack deployed on it for the length of a `with` block; prints what it does."""

from __future__ import annotations

import threading
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from sandbox.engine.errors import CreationError
from sandbox.engine.pulumi_cli import pulumi_executable
from sandbox.errors import SandboxError
from sandbox.iam.refusals import RefusalLog
from sandbox.localstack.server import running_localstack
from sandbox.stack import STACK, deploy_local_stack

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
        with console.status("Starting LocalStack …"):
            localstack = running.enter_context(running_localstack(log, port=port))
        running.enter_context(_reporting(console, localstack))
        console.print(f"LocalStack is ready at {localstack.endpoint} ({time.monotonic() - started:.1f} s)")
        try:
            deployed = _deploy(console, localstack.endpoint, pipelines, engine, overrides)
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
    console: Console, endpoint: str, pipelines: Sequence[Pipeline], engine: Engine, overrides: Mapping[str, Any]
) -> DeployedStack:
    started = time.monotonic()
    events: list[ResourceEvent] = []

    if engine == "pulumi":
        console.print("Deploying with the Pulumi CLI …")
        return deploy_local_stack(endpoint, pipelines=pipelines, engine=engine, overrides=overrides)
    with console.status("Building the functions' packages and deploying …"):
        deployed = deploy_local_stack(endpoint, pipelines=pipelines, overrides=overrides, on_resource=events.append)
    absent = Counter((event.detail, event.type.rpartition(":")[2]) for event in events if event.outcome == "absent")
    for (reason, kind), count in sorted(absent.items()):
        console.print(Text(f"Left out {count} x {kind}: {reason}", style="yellow"), soft_wrap=True)
    created = sum(event.outcome == "created" for event in events)
    console.print(f"Deployed the stack {STACK}: {created} resources ({time.monotonic() - started:.1f} s)")
    return deployed
