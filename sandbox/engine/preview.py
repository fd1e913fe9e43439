"""Runs the program as `pulumi preview` does, where nothing that a resource will have is known yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks

from sandbox.engine.errors import UnsupportedResourceError
from sandbox.engine.program import PROJECT_DIR, run_program, stack_config

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# Functions are called in a real preview too; the account is the one that LocalStack has.
_ACCOUNT: Final = "000000000000"


@dataclass(frozen=True)
class PlannedResource:
    """A resource that a deployment would create: Pulumi's type token and the logical name."""

    type: str
    name: str


def preview(stack: str, overrides: Mapping[str, Any], project_dir: Path = PROJECT_DIR) -> list[PlannedResource]:
    """Run the whole program with every output unknown, and return what it would create, in that order.

    Raises:
        ConfigurationError: The stack's configuration cannot be read.
        Exception: What the program raised, as it does where its logic depends on a value only known later.
    """
    config = stack_config(project_dir, stack, overrides)
    engine = _PlanningEngine(config.get("aws:region", ""))
    run_program(engine, stack=stack, config=config, preview=True, program=project_dir / "__main__.py")
    return engine.planned


class _PlanningEngine(Mocks):
    """Notes each resource, and knows none of its outputs."""

    def __init__(self, region: str) -> None:
        self.planned: list[PlannedResource] = []
        self._region = region

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if args.custom:
            self.planned.append(PlannedResource(args.typ, args.name))
        return "", {}

    def call(self, args: MockCallArgs) -> Any:
        match args.token:
            case "aws:index/getCallerIdentity:getCallerIdentity":
                return {"accountId": _ACCOUNT, "arn": f"arn:aws:iam::{_ACCOUNT}:root", "id": _ACCOUNT}
            case "aws:index/getRegion:getRegion":
                return dict.fromkeys(("id", "name", "region"), self._region)
            case _:
                raise UnsupportedResourceError(f"The preview cannot call {args.token}: add it to {__name__}.")
