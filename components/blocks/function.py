"""A function: its package, what it runs on, and the alias behind which its versions change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks import function_package
from components.blocks.function_package import Lock
from components.blocks.function_platform import FunctionPlatform
from components.blocks.function_role import FunctionRole

# What CodeDeploy moves after the alias was made: `pulumi up` would move it back, or on, without a canary.
_SHIFTED: Final = ["function_version", "routing_config"]


@dataclass(frozen=True, kw_only=True)
class FunctionArgs:
    """What differs between functions."""

    description: str
    handler: str
    """What Lambda calls: `runtime.<pipeline>.<function>.handler.handle`. Its imports are what the package holds."""

    lock: Lock = "function"
    """The lock of what the package holds beside them."""

    service: str
    """What it is called in its logs and traces."""

    platform: FunctionPlatform
    role: FunctionRole
    environment: Mapping[str, pulumi.Input[str]]
    """Variables beside the stack's name and those of Powertools."""

    files: Mapping[str, str] = field(default_factory=dict[str, str])
    """Texts that the function reads, by what they are called in its package, where Lambda starts it."""

    timeout_seconds: int
    memory_megabytes: int
    disk_megabytes: int | None = None
    """Size of /tmp; None is Lambda's default of 512."""

    traced: bool = False
    """Whether X-Ray follows its invocations, which its role must allow (`grant_trace`)."""

    versioned: bool = False
    """Whether each update publishes a version, for an alias to name."""

    needs: Sequence[pulumi.Resource] = ()
    """What must be deployed before it runs, beside its role's policy and the platform's routes."""


@dataclass(frozen=True, kw_only=True)
class FunctionAlias:
    """What is invoked where a function has versions."""

    function: pulumi.Output[str]
    """The function's name."""

    name: pulumi.Output[str]
    arn: pulumi.Output[str]


class Function(pulumi.ComponentResource):
    """A function that is packaged as it is deployed, and writes JSON to the log group of its role."""

    def __init__(self, name: str, args: FunctionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:function:Function", name, None, opts)
        self._name = name
        platform = args.platform
        package = function_package.build_function_package(
            platform.target, handler=args.handler, lock=args.lock, files=args.files
        )
        self._function = aws.lambda_.Function(
            name,
            name=name,
            description=args.description,
            role=args.role.arn,
            handler=args.handler,
            runtime=f"python{platform.target.python}",
            architectures=[platform.target.architecture],
            code=pulumi.FileArchive(str(package.path)),
            source_code_hash=package.source_code_hash,
            timeout=args.timeout_seconds,
            memory_size=args.memory_megabytes,
            ephemeral_storage=(
                aws.lambda_.FunctionEphemeralStorageArgs(size=args.disk_megabytes) if args.disk_megabytes else None
            ),
            environment=aws.lambda_.FunctionEnvironmentArgs(variables=_environment(args)),
            logging_config=aws.lambda_.FunctionLoggingConfigArgs(
                log_format="JSON",
                log_group=args.role.log_group,
                # Lambda filters by it, and Powertools prefers it to its own variable. Metrics are log lines without a
                # level, which count as INFO: a stricter level would drop them.
                application_log_level=platform.log_level,
            ),
            tracing_config=aws.lambda_.FunctionTracingConfigArgs(mode="Active") if args.traced else None,
            vpc_config=platform.vpc_config,
            publish=True if args.versioned else None,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.role.policy, *platform.routes, *args.needs]),
        )
        self.name: pulumi.Output[str] = self._function.name
        self.arn: pulumi.Output[str] = self._function.arn
        self.register_outputs({"name": self.name, "arn": self.arn})

    def alias(self, name: str, *, shifted: bool) -> FunctionAlias:
        """Declare an alias of the newest version.

        Args:
            name: of the alias.
            shifted: whether others move it from version to version, so that an update leaves it where it is.
        """
        alias = aws.lambda_.Alias(
            self._name,
            name=name,
            function_name=self.name,
            function_version=self._function.version,
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=_SHIFTED if shifted else None),
        )
        return FunctionAlias(function=self.name, name=alias.name, arn=alias.arn)


def _environment(args: FunctionArgs) -> dict[str, pulumi.Input[str]]:
    return {
        **args.environment,
        "STACK": pulumi.get_stack(),
        "POWERTOOLS_SERVICE_NAME": args.service,
        "POWERTOOLS_LOG_LEVEL": args.platform.log_level,
    }
