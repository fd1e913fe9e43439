"""Deploys the program onto an endpoint: each resource that it declares is created there with boto3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from botocore.exceptions import BotoCoreError, ClientError
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks

from sandbox.engine.endpoint import Endpoint
from sandbox.engine.errors import ConfigurationError, CreationError, UnsupportedResourceError
from sandbox.engine.program import PROJECT_DIR, run_program, stack_config
from sandbox.engine.resources.registry import ABSENT, creation_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

# What configures Pulumi's AWS provider, and not the resources: the engine's clients take the endpoint that they
# are given, and the region.
_PROVIDER_KEYS: Final = frozenset(
    {
        "aws:accessKey",
        "aws:endpoints",
        "aws:region",
        "aws:s3UsePathStyle",
        "aws:secretKey",
        "aws:skipCredentialsValidation",
        "aws:skipMetadataApiCheck",
        "aws:skipRegionValidation",
        "aws:skipRequestingAccountId",
    }
)


@dataclass(frozen=True)
class ResourceEvent:
    """What became of one resource of the program.

    Attributes:
        type: Pulumi's type token.
        name: The logical name.
        outcome: `created` on the endpoint; `grouped`, for a component, which only groups others; or `absent`,
            since the emulator cannot have this type.
        detail: The physical id of what was created, the reason for what is absent, else empty.
    """

    type: str
    name: str
    outcome: Literal["created", "grouped", "absent"]
    detail: str


def deploy(  # noqa: PLR0913 - each is named where it is called
    *,
    endpoint: str,
    stack: str,
    overrides: Mapping[str, Any],
    on_resource: Callable[[ResourceEvent], None] | None,
    name: str | None = None,
    project_dir: Path = PROJECT_DIR,
) -> dict[str, Any]:
    """Create every resource of the stack on an endpoint where none of them exists, and return the stack's outputs.

    Args:
        endpoint: URL of a LocalStack.
        stack: Name of the stack whose file configures the program.
        overrides: Configuration that wins over the stack file's, by key.
        on_resource: Called after each resource, on the thread that creates them.
        name: What the stack is called, where several are configured by one file. Default: as its file is.
        project_dir: The folder of `Pulumi.yaml`, the stack file and `__main__.py`.

    Raises:
        ConfigurationError: The stack's configuration cannot be read or has what only the real provider does.
        UnsupportedResourceError: The program declares what the engine does not know; nothing follows it.
        CreationError: The endpoint refused a resource; nothing follows it.
        Exception: What the program raised.
    """
    config = stack_config(project_dir, stack, overrides)
    aws = Endpoint(endpoint, _region(stack, config))
    engine = _CreatingEngine(aws, on_resource)
    return run_program(engine, stack=name or stack, config=config, program=project_dir / "__main__.py")


def _region(stack: str, config: Mapping[str, str]) -> str:
    unknown = sorted(key for key in config if key.startswith("aws:") and key not in _PROVIDER_KEYS)
    if unknown:
        raise ConfigurationError(
            f"Stack {stack} configures {', '.join(unknown)}, which the sandbox does not know: "
            "it would deploy something else than Pulumi."
        )
    if "aws:region" not in config:
        raise ConfigurationError(f"Stack {stack} has no aws:region: add one to Pulumi.{stack}.yaml.")
    return config["aws:region"]


class _CreatingEngine(Mocks):
    """Creates each resource that is registered."""

    def __init__(self, aws: Endpoint, on_resource: Callable[[ResourceEvent], None] | None) -> None:
        self._aws = aws
        self._on_resource = on_resource

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if not args.custom:
            self._report(args, "grouped", "")
            return "", {}
        if args.typ in ABSENT:
            self._report(args, "absent", ABSENT[args.typ])
            return f"{args.name}-absent", {}
        creation = creation_of(args.typ, args.name, cast("dict[str, Any]", args.inputs))
        try:
            created = creation(self._aws)
        except (BotoCoreError, ClientError) as error:
            raise CreationError(f"{self._aws.url} did not create {args.typ} ({args.name!r}): {error}") from error
        self._report(args, "created", created.id)
        return created.id, created.outputs

    def call(self, args: MockCallArgs) -> Any:
        match args.token:
            case "aws:index/getCallerIdentity:getCallerIdentity":
                identity = self._aws.sts.get_caller_identity()
                account = identity["Account"]
                return {"accountId": account, "arn": identity["Arn"], "id": account, "userId": identity["UserId"]}
            case "aws:index/getRegion:getRegion":
                return dict.fromkeys(("id", "name", "region"), self._aws.region)
            case _:
                raise UnsupportedResourceError(f"The sandbox cannot call {args.token}: add it to {__name__}.")

    def _report(self, args: MockResourceArgs, outcome: Literal["created", "grouped", "absent"], detail: str) -> None:
        if self._on_resource is not None:
            self._on_resource(ResourceEvent(args.typ, args.name, outcome, detail))
