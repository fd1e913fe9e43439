"""Deploys the program onto an endpoint: each resource that it declares is created there with boto3."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast

import pulumi
from botocore.exceptions import BotoCoreError, ClientError
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks

from sandbox.engine.endpoint import Endpoint
from sandbox.engine.errors import ConfigurationError, CreationError, UnsupportedResourceError
from sandbox.engine.program import PROJECT_DIR, run_program, stack_config
from sandbox.engine.resources.registry import ABSENT, creation_of
from sandbox.engine.resources.updates import update_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from sandbox.engine.resources.creation import Created, Creation

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


Outcome = Literal["created", "updated", "same", "grouped", "absent"]


@dataclass(frozen=True)
class ResourceEvent:
    """What became of one resource of the program.

    Attributes:
        type: Pulumi's type token.
        name: The logical name.
        outcome: `created` on the endpoint, `updated` there, or `same` as it was; `grouped`, for a component, which only
            groups others; or `absent`, since the emulator cannot have this type.
        detail: The physical id of what was created, the reason for what is absent, else empty.
    """

    type: str
    name: str
    outcome: Outcome
    detail: str


@dataclass(frozen=True)
class Standing:
    """A resource that is deployed.

    Attributes:
        inputs: that it was deployed with.
        created: what is there.
    """

    inputs: Mapping[str, Any]
    created: Created


Resources: TypeAlias = "Mapping[tuple[str, str], Sequence[Standing]]"
"""Deployed resources by their types and logical names, which several may share below different parents."""

NOTHING: Final[Resources] = MappingProxyType({})
"""What stands before the first deployment."""


@dataclass(frozen=True)
class Deployment:
    """A deployed stack.

    Attributes:
        outputs: what the program exports.
        resources: what a later deployment of the stack begins with.
    """

    outputs: dict[str, Any]
    resources: Resources


def deploy(  # noqa: PLR0913 - each is named where it is called
    *,
    endpoint: str,
    stack: str,
    overrides: Mapping[str, Any],
    on_resource: Callable[[ResourceEvent], None] | None,
    name: str | None = None,
    project_dir: Path = PROJECT_DIR,
    standing: Resources = NOTHING,
) -> Deployment:
    """Create every resource of the stack on an endpoint, but for those that stand there as the program declares them.

    Args:
        endpoint: URL of a LocalStack.
        stack: Name of the stack whose file configures the program.
        overrides: Configuration that wins over the stack file's, by key.
        on_resource: Called after each resource, on the thread that creates them.
        name: What the stack is called, where several are configured by one file. Default: as its file is.
        project_dir: The folder of `Pulumi.yaml`, the stack file and `__main__.py`.
        standing: What an earlier deployment of this stack has created there. What the program declares otherwise now
            is changed in place; what it declares no more stays.

    Raises:
        ConfigurationError: The stack's configuration cannot be read or has what only the real provider does, or the
            program refuses it in the words that Pulumi prints without a traceback.
        UnsupportedResourceError: The program declares what the engine does not know, or changes what it cannot;
            nothing follows it.
        CreationError: The endpoint refused a resource; nothing follows it.
        Exception: What the program raised.
    """
    config = stack_config(project_dir, stack, overrides)
    aws = Endpoint(endpoint, _region(stack, config))
    engine = _CreatingEngine(aws, on_resource, standing)
    try:
        outputs = run_program(engine, stack=name or stack, config=config, program=project_dir / "__main__.py")
    except pulumi.RunError as error:
        raise ConfigurationError(str(error)) from error
    return Deployment(outputs, engine.resources)


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
    """Creates each resource that is registered, or changes it where it stands.

    Attributes:
        resources: all that was registered so far and is there.
    """

    def __init__(self, aws: Endpoint, on_resource: Callable[[ResourceEvent], None] | None, standing: Resources) -> None:
        self._aws = aws
        self._on_resource = on_resource
        self._standing = {key: list(found) for key, found in standing.items()}
        self.resources: dict[tuple[str, str], list[Standing]] = defaultdict(list)

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if not args.custom:
            self._report(args, "grouped", "")
            return "", {}
        if args.typ in ABSENT:
            self._report(args, "absent", ABSENT[args.typ])
            return f"{args.name}-absent", {}
        inputs = cast("dict[str, Any]", args.inputs)
        creation, outcome = self._creation(args, inputs)
        try:
            created = creation(self._aws)
        except (BotoCoreError, ClientError) as error:
            raise CreationError(f"{self._aws.url} did not create {args.typ} ({args.name!r}): {error}") from error
        self.resources[args.typ, args.name].append(Standing(inputs, created))
        self._report(args, outcome, created.id)
        return created.id, created.outputs

    def _creation(self, args: MockResourceArgs, inputs: Mapping[str, Any]) -> tuple[Creation, Outcome]:
        candidates = self._standing.get((args.typ, args.name))
        if not candidates:
            return creation_of(args.typ, args.name, inputs), "created"
        # Nobody says below which parent it is; the one that differs least is the one.
        standing = min(candidates, key=lambda candidate: len(_changed(candidate.inputs, inputs)))
        candidates.remove(standing)
        changed = _changed(standing.inputs, inputs)
        if not changed:
            return lambda _aws: standing.created, "same"
        update = update_of(args.typ, args.name, changed)
        return lambda aws: update(aws, standing.created, inputs), "updated"

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

    def _report(self, args: MockResourceArgs, outcome: Outcome, detail: str) -> None:
        if self._on_resource is not None:
            self._on_resource(ResourceEvent(args.typ, args.name, outcome, detail))


def _changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(
        name for name in old.keys() | new.keys() if _comparable(old.get(name)) != _comparable(new.get(name))
    )


def _comparable(value: Any) -> Any:
    """Return what differs when a value does: a file is what lies at its path, and another input has its hash."""
    return value.path if isinstance(value, pulumi.FileArchive | pulumi.FileAsset) else value
