"""Deploys the stack `local` onto a LocalStack, for this machine."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from sandbox.engine.deployment import deploy
from sandbox.engine.pulumi_cli import deploy_with_cli
from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.engine.deployment import ResourceEvent

STACK: Final = "local"
Engine = Literal["built-in", "pulumi"]

_ARCHITECTURES: Final = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True)
class DeployedCourier:
    """What a stack with a pushed delivery has besides.

    Attributes:
        function: the courier's name.
        log_group: where it writes.
        table: its lease, breaker and receipts.
        secret: ARN of what it shows the receiver.
    """

    function: str
    log_group: str
    table: str
    secret: str


@dataclass(frozen=True)
class Deployed:
    """A deployed stack: what the program exports, by the names that the program gives them.

    Attributes:
        endpoint: URL of the LocalStack that it is on.
        consumer_role_arn: "" where the delivery is pushed.
        courier: None where a consumer pulls.
        outputs: all that the program exports, by the names of `pulumi stack output`.
    """

    endpoint: str
    region: str
    landing_bucket: str
    archive_bucket: str
    distribution_bucket: str
    ingest_queue_url: str
    dead_letter_queue_url: str
    claim_table: str
    aggregator_function: str
    aggregator_log_group: str
    alarm_topic_arn: str
    consumer_role_arn: str
    external_party_role_arn: str
    courier: DeployedCourier | None
    outputs: Mapping[str, Any]


def deploy_local_stack(
    endpoint: str,
    *,
    engine: Engine = "built-in",
    overrides: Mapping[str, Any] | None = None,
    on_resource: Callable[[ResourceEvent], None] | None = None,
    name: str | None = None,
) -> Deployed:
    """Deploy the program's stack `local`.

    Args:
        endpoint: URL of a LocalStack.
        engine: the one of this package, or the real Pulumi CLI.
        overrides: configuration that wins over Pulumi.local.yaml's, by key.
        on_resource: called after each resource that the built-in engine dealt with.
        name: what to call it, where several are deployed onto one LocalStack by the built-in engine.

    Raises:
        SandboxError: it could not be deployed.
    """
    # The function runs in a process of this machine: its package must hold what this machine and Python can load.
    configuration = {**_this_machine(), **(overrides or {})}
    if engine == "pulumi":
        outputs = deploy_with_cli(endpoint=endpoint, stack=STACK, overrides=configuration)
    else:
        outputs = deploy(endpoint=endpoint, stack=STACK, overrides=configuration, on_resource=on_resource, name=name)
    return Deployed(
        endpoint=endpoint,
        region=outputs["region"],
        landing_bucket=outputs["filesLandingBucket"],
        archive_bucket=outputs["filesArchiveBucket"],
        distribution_bucket=outputs["filesDistributionBucket"],
        ingest_queue_url=outputs["filesIngestQueueUrl"],
        dead_letter_queue_url=outputs["filesDeadLetterQueueUrl"],
        claim_table=outputs["filesClaimTable"],
        aggregator_function=outputs["filesAggregatorFunction"],
        aggregator_log_group=outputs["filesAggregatorLogGroup"],
        alarm_topic_arn=outputs["alarmTopicArn"],
        consumer_role_arn=outputs.get("filesConsumerRoleArn", ""),
        external_party_role_arn=outputs["filesExternalPartyRoleArn"],
        courier=_courier(outputs) if "filesCourierFunction" in outputs else None,
        outputs=outputs,
    )


def _courier(outputs: Mapping[str, Any]) -> DeployedCourier:
    return DeployedCourier(
        function=outputs["filesCourierFunction"],
        log_group=outputs["filesCourierLogGroup"],
        table=outputs["filesCourierTable"],
        secret=outputs["filesReceiverSecret"],
    )


def _this_machine() -> dict[str, str]:
    machine = platform.machine().lower()
    if machine not in _ARCHITECTURES:
        raise SandboxError(f"Lambda knows arm64 and x86_64 processors, and this machine is {machine}.")
    return {
        "baler:functionArchitecture": _ARCHITECTURES[machine],
        "baler:functionPython": f"{sys.version_info.major}.{sys.version_info.minor}",
    }
