"""LocalStack with the file pipeline deployed on it, and its receiver, for the length of a `with` block."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.courier import put_credentials
from sandbox.deployed import files_of
from sandbox.iam.parties import endpoint_of
from sandbox.receivers.premises import running_premises
from sandbox.running_stack import running_stack

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path

    from rich.console import Console

    from sandbox.deployed import DeployedFiles
    from sandbox.pipelines import Delivery
    from sandbox.receivers.premises import Premises
    from sandbox.stack import Engine


@dataclass(frozen=True, slots=True)
class RunningFiles:
    """What runs.

    Attributes:
        deployed: the stack.
        premises: the receiver to which its courier delivers; None where a consumer is to pull.
    """

    deployed: DeployedFiles
    premises: Premises | None


@contextmanager
def running_files(  # noqa: PLR0913 - each by its name
    console: Console,
    *,
    delivery: Delivery,
    receiver: Path,
    port: int,
    engine: Engine,
    log: Path,
    settings: Mapping[str, Any] | None = None,
) -> Generator[RunningFiles]:
    """Start LocalStack and deploy the stack `local` onto it, with a receiver beside it where the delivery is pushed.

    The receiver's secret gets its value once it is deployed, as a person would give it.

    Args:
        console: shows each step.
        delivery: how files get to the premises.
        receiver: the folder of a receiver: it gets what it receives, and stays.
        port: where LocalStack listens.
        engine: what deploys.
        log: the file that gets what LocalStack writes.
        settings: configuration that wins over Pulumi.local.yaml's, by key.

    Raises:
        SandboxError: something is missing or in the way.
    """
    with ExitStack() as running:
        premises = None if delivery == "pull" else running.enter_context(running_premises(delivery, receiver))
        overrides = {**(premises.settings if premises else {}), **(settings or {})}
        stack = running.enter_context(
            running_stack(console, pipelines=["files"], overrides=overrides, port=port, engine=engine, log=log)
        )
        deployed = files_of(stack)
        if premises and deployed.courier:
            put_credentials(endpoint_of(deployed, "operator"), deployed.courier, premises.credentials)
        yield RunningFiles(deployed, premises)
