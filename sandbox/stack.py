"""Deploys the stack `local` onto a LocalStack, for this machine."""

from __future__ import annotations

import platform
import sys
from typing import TYPE_CHECKING, Any, Final, Literal

from sandbox.deployed import DeployedStack
from sandbox.engine.configuration import stack_config
from sandbox.engine.deployment import NOTHING, Deployment, deploy
from sandbox.engine.preview import preview
from sandbox.engine.program import PROJECT_DIR
from sandbox.engine.pulumi_cli import deploy_with_cli
from sandbox.engine.resources.registry import ABSENT
from sandbox.errors import SandboxError
from sandbox.pipelines import settings_of_only

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox.engine.deployment import ResourceEvent
    from sandbox.pipelines import Pipeline

STACK: Final = "local"
Engine = Literal["built-in", "pulumi"]

_ARCHITECTURES: Final = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


def deploy_local_stack(  # noqa: PLR0913 - each but the first by its name
    endpoint: str,
    *,
    pipelines: Sequence[Pipeline] = ("files",),
    engine: Engine = "built-in",
    overrides: Mapping[str, Any] | None = None,
    on_resource: Callable[[ResourceEvent], None] | None = None,
    name: str | None = None,
    standing: DeployedStack | None = None,
) -> DeployedStack:
    """Deploy the program's stack `local`, or deploy it again, as `pulumi up` does after a change.

    Args:
        endpoint: URL of a LocalStack.
        pipelines: those that it has; what the stack's file sets of others does not count.
        engine: the one of this package, or the real Pulumi CLI.
        overrides: configuration that wins over Pulumi.local.yaml's, by key.
        on_resource: called after each resource that the built-in engine dealt with.
        name: what to call it, where several are deployed onto one LocalStack by the built-in engine.
        standing: what the same arguments have deployed before; what is declared as it was then stays as it is.

    Raises:
        SandboxError: it could not be deployed.
    """
    configuration = _configuration(pipelines, overrides or {})
    if engine == "pulumi":
        again = standing is not None
        outputs = deploy_with_cli(endpoint=endpoint, stack=STACK, overrides=configuration, again=again)
        deployment = Deployment(outputs, NOTHING)
    else:
        deployment = deploy(
            endpoint=endpoint,
            stack=STACK,
            overrides=configuration,
            on_resource=on_resource,
            name=name,
            standing=standing.resources if standing else NOTHING,
        )
    outputs = deployment.outputs
    return DeployedStack(
        endpoint=endpoint,
        region=outputs["region"],
        name=name or STACK,
        config=stack_config(PROJECT_DIR, STACK, configuration),
        alarm_topic_arn=outputs["alarmTopicArn"],
        outputs=outputs,
        resources=deployment.resources,
    )


def count_resources(pipelines: Sequence[Pipeline], overrides: Mapping[str, Any]) -> int:
    """Count what a first deployment by the built-in engine will create, without a LocalStack.

    It builds the functions' packages, which the deployment then finds.

    Args:
        pipelines: as for `deploy_local_stack`.
        overrides: likewise.

    Raises:
        SandboxError: it could not be deployed.
    """
    planned = preview(STACK, _configuration(pipelines, overrides))
    return sum(resource.type not in ABSENT for resource in planned)


def _configuration(pipelines: Sequence[Pipeline], overrides: Mapping[str, Any]) -> dict[str, Any]:
    # A function runs in a process of this machine: its package must hold what this machine and Python can load.
    return {**settings_of_only(pipelines, PROJECT_DIR, STACK), **_this_machine(), **overrides}


def _this_machine() -> dict[str, str]:
    machine = platform.machine().lower()
    if machine not in _ARCHITECTURES:
        raise SandboxError(f"Lambda knows arm64 and x86_64 processors, and this machine is {machine}.")
    return {
        "baler:functionArchitecture": _ARCHITECTURES[machine],
        "baler:functionPython": f"{sys.version_info.major}.{sys.version_info.minor}",
    }
