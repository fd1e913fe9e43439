"""What functions run on, as far as it is the same for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.blocks.function_package import Target
from components.blocks.policy_document import Statement

LogLevel = Literal["DEBUG", "INFO"]


@dataclass(frozen=True, kw_only=True)
class FunctionPlatform:
    """Processor and Python, logs, and the network that new versions are deployed into."""

    target: Target
    log_level: LogLevel
    """Least severe message that a function logs."""

    log_retention_days: int
    vpc_config: aws.lambda_.FunctionVpcConfigArgs | None
    """The subnets of a private network that functions are in; None is Lambda's own network."""

    connect: Sequence[Statement]
    """What Lambda needs of a function's role to connect the function with its subnets."""

    routes: Sequence[pulumi.Resource]
    """What leads from the subnets to the services that functions call: no function runs before it is there."""
