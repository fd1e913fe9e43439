"""LocalStack with the stack deployed on it, and its receiver, for the length of a `with` block; prints what it does."""

from __future__ import annotations

import threading
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from sandbox.courier import put_credentials
from sandbox.engine.pulumi_cli import pulumi_executable
from sandbox.iam.parties import endpoint_of
from sandbox.iam.refusals import RefusalLog
from sandbox.localstack.server import running_localstack
from sandbox.receivers.premises import running_premises
from sandbox.stack import STACK, deploy_local_stack

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path

    from rich.console import Console

    from sandbox.engine.deployment import ResourceEvent
    from sandbox.iam.refusals import Refusal
    from sandbox.localstack.server import LocalStack
    from sandbox.pipelines import Delivery
    from sandbox.receivers.premises import Premises
    from sandbox.stack import Deployed, Engine

_REPORT_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class RunningStack:
    """What runs.

    Attributes:
        deployed: the stack.
        premises: the receiver to which its courier delivers; None where a consumer is to pull.
    """

    deployed: Deployed
    premises: Premises | None


@contextmanager
def running_stack(  # noqa: PLR0913 - each by its name
    console: Console, *, delivery: Delivery, receiver: Path, port: int, engine: Engine, log: Path
) -> Generator[RunningStack]:
    """Start LocalStack and deploy the stack `local` onto it, with a receiver beside it where the delivery is pushed.

    The receiver's secret gets its value once it is deployed, as a person would give it.

    Args:
        console: shows each step.
        delivery: how files get to the premises.
        receiver: the folder of a receiver: it gets what it receives, and stays.
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
        premises = None if delivery == "pull" else running.enter_context(running_premises(delivery, receiver))
        with console.status("Starting LocalStack …"):
            localstack = running.enter_context(running_localstack(log, port=port))
        running.enter_context(_reporting(console, localstack))
        console.print(f"LocalStack is ready at {localstack.endpoint} ({time.monotonic() - started:.1f} s)")
        deployed = _deploy(console, localstack.endpoint, engine, premises.settings if premises else {})
        if premises and deployed.courier:
            put_credentials(endpoint_of(deployed, "operator"), deployed.courier, premises.credentials)
        yield RunningStack(deployed, premises)


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


def _deploy(console: Console, endpoint: str, engine: Engine, overrides: Mapping[str, Any]) -> Deployed:
    started = time.monotonic()
    events: list[ResourceEvent] = []

    if engine == "pulumi":
        console.print("Deploying with the Pulumi CLI …")
        return deploy_local_stack(endpoint, engine=engine, overrides=overrides)
    with console.status("Building the functions' packages and deploying …"):
        deployed = deploy_local_stack(endpoint, overrides=overrides, on_resource=events.append)
    absent = Counter((event.detail, event.type.rpartition(":")[2]) for event in events if event.outcome == "absent")
    for (reason, kind), count in sorted(absent.items()):
        console.print(Text(f"Left out {count} x {kind}: {reason}", style="yellow"), soft_wrap=True)
    created = sum(event.outcome == "created" for event in events)
    console.print(f"Deployed the stack {STACK}: {created} resources ({time.monotonic() - started:.1f} s)")
    return deployed
