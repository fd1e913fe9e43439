"""What a stack asks of a pipeline, and what it gives one.

AWS forces the order. Stores and queues come first: nothing else has a name yet. Then a pipeline says what its functions
will call, since the endpoints of the private network let nothing else through and must be there before a function runs.
Then come functions and roles, and the policies of stores that name those roles. Alarms, the dashboard and the outputs
name all of it, so they come last.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pulumi
import pulumi_aws as aws

from components.blocks.bucket_policy import Principals
from components.blocks.function_package import Target
from components.blocks.function_platform import FunctionPlatform
from components.blocks.policy_document import Statement
from components.network.network import Network
from components.settings.secret import as_input
from components.settings.shared import SharedSettings
from components.watch.stack_watch import Watched


class FunctionPlace(Protocol):
    """Where functions run: in a network of the stack's, or in Lambda's own."""

    @property
    def routes(self) -> Sequence[pulumi.Resource]:
        """What must be there before a function runs."""
        ...

    def vpc_config(self) -> aws.lambda_.FunctionVpcConfigArgs | None:
        """Return their place in a private network; None is Lambda's own."""
        ...

    def grant_connect(self) -> list[Statement]:
        """Let Lambda connect a function with that place."""
        ...


@dataclass(frozen=True, kw_only=True)
class Stack:
    """What all pipelines of a stack share."""

    name: str
    region: pulumi.Output[str]
    account: pulumi.Output[str]
    settings: SharedSettings

    @property
    def operators(self) -> Principals:
        """ARNs of the people who may look into buckets, replay and repair."""
        return as_input("operatorPrincipalArns", self.settings.operator_principal_arns)

    @property
    def protected(self) -> pulumi.ResourceOptions:
        """The options of all that holds the data, restricts who reads it, feeds it, or is known to others by name."""
        return pulumi.ResourceOptions(protect=self.settings.protect_data)

    def function_platform(self, place: FunctionPlace) -> FunctionPlatform:
        """Return what functions run on, given where they do."""
        settings = self.settings
        return FunctionPlatform(
            target=Target(architecture=settings.function_architecture, python=settings.function_python),
            log_level=settings.log_level,
            log_retention_days=settings.log_retention_days,
            vpc_config=place.vpc_config(),
            connect=place.grant_connect(),
            routes=place.routes,
        )


@dataclass(frozen=True, kw_only=True)
class Running:
    """A pipeline all of whose resources are declared."""

    watched: Watched
    outputs: Mapping[str, pulumi.Input[Any]]
    """What its users need to know, by names without the pipeline's."""


class Pipeline(Protocol):
    """A pipeline whose stores and queues are declared, and nothing that works on them."""

    def calls(self) -> Mapping[str, Sequence[Statement]]:
        """Return what its functions will do, by service, as the names of VPC endpoints have it."""
        ...

    def run(self, network: Network) -> Running:
        """Declare functions, roles, and the policies that let them in."""
        ...


def calls_of(pipelines: Mapping[str, Pipeline]) -> dict[str, list[Statement]]:
    """Return what the functions of all pipelines will do, by service.

    Pipelines share an endpoint and so its policy, in which no two statements may have the same Sid: theirs begin with
    the pipeline's name.
    """
    found: dict[str, list[Statement]] = {}
    for name, pipeline in pipelines.items():
        for service, grants in pipeline.calls().items():
            found.setdefault(service, []).extend({**grant, "Sid": name.title() + grant["Sid"]} for grant in grants)
    return found


def outputs_of(running: Mapping[str, Running]) -> dict[str, pulumi.Input[Any]]:
    """Return the outputs of all pipelines, each with its pipeline's name in front: `filesLandingBucket`."""
    return {
        f"{name}{output[0].upper()}{output[1:]}": value
        for name, pipeline in running.items()
        for output, value in pipeline.outputs.items()
    }
