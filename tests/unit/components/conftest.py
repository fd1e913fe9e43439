"""Runs the real program against a recording engine, and tells what it declared."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks

from components import function_package
from sandbox.engine.program import PROJECT_DIR, run_program, stack_config

ACCOUNT = "111122223333"
REGION = "eu-west-2"

REQUIRED = {
    "baler:externalPartyPrincipalArn": "arn:aws:iam::444455556666:role/uploader",
    "baler:externalPartySourceCidrs": ["203.0.113.0/24", "2001:db8::/48"],
    "baler:consumerPrincipalArn": "arn:aws:iam::111122223333:user/on-premises",
}

_ARN_SERVICES = {
    "aws:s3/bucket:Bucket": "arn:aws:s3:::{id}",
    "aws:sqs/queue:Queue": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{{id}}",
    "aws:dynamodb/table:Table": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{{id}}",
    "aws:iam/role:Role": f"arn:aws:iam::{ACCOUNT}:role/{{id}}",
    "aws:cloudwatch/logGroup:LogGroup": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{{id}}",
    "aws:lambda/function:Function": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{{id}}",
    "aws:lambda/alias:Alias": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{{functionName}}:{{name}}",
}


def pytest_configure(config: pytest.Config) -> None:
    """Let pulumi-aws warn about its own old classes, which it does when it is first used."""
    config.addinivalue_line("filterwarnings", r"ignore:\S+ has been deprecated in favor of:DeprecationWarning")


@dataclass(frozen=True)
class Resource:
    """A resource that the program declared: its inputs, and what the engine answered."""

    type: str
    name: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]

    def document(self, key: str) -> Any:
        """Return the JSON document in one of the inputs."""
        return json.loads(self.inputs[key])

    def statements(self, key: str = "policy") -> dict[str, dict[str, Any]]:
        """Return the statements of a policy by their Sid."""
        return {statement["Sid"]: statement for statement in self.document(key)["Statement"]}


@dataclass
class RecordingEngine(Mocks):
    """Answers as AWS would, or in a preview not at all, and keeps the declarations in their order."""

    preview: bool = False
    resources: list[Resource] = field(default_factory=list[Resource])
    components: list[str] = field(default_factory=list[str])

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if not args.custom:
            self.components.append(args.typ)
            return "", {}
        outputs = {} if self.preview else _outputs(args)
        self.resources.append(Resource(args.typ, args.name, dict(args.inputs), outputs))
        return (None, {}) if self.preview else (str(outputs["id"]), outputs)

    def call(self, args: MockCallArgs) -> Any:
        if self.preview:
            return {}
        return {
            "aws:index/getCallerIdentity:getCallerIdentity": {"accountId": ACCOUNT},
            "aws:index/getRegion:getRegion": {"region": REGION},
        }[args.token]


def _outputs(args: MockResourceArgs) -> dict[str, Any]:
    identity = args.inputs.get("name") or f"{args.name}-1a2b3c4"
    outputs: dict[str, Any] = {**args.inputs, "id": identity, "name": identity}
    if args.typ == "aws:s3/bucket:Bucket":
        outputs["bucket"] = identity
    if args.typ == "aws:sqs/queue:Queue":
        outputs["url"] = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{identity}"
    if args.typ == "aws:lambda/function:Function":
        outputs["version"] = "7"
    if args.typ in _ARN_SERVICES:
        outputs["arn"] = _ARN_SERVICES[args.typ].format_map(outputs)
    return outputs


@dataclass(frozen=True)
class Deployed:
    """What one run of the program declared and exported."""

    stack: str
    resources: list[Resource]
    exports: dict[str, Any]

    def all(self, type_token: str) -> list[Resource]:
        """Return the resources of a type, `s3/bucket:Bucket` say."""
        return [resource for resource in self.resources if resource.type == f"aws:{type_token}"]

    def one(self, type_token: str, part: str) -> Resource:
        """Return the resource of a type that a part of the pipeline has, `landing` say."""
        (found,) = (r for r in self.all(type_token) if r.name == f"baler-{self.stack}-{part}")
        return found


Deploy = Callable[..., Deployed]


@pytest.fixture
def deploy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Deploy:
    """Run the program of a stack, its required settings set, with other settings if given."""

    def small_package(target: function_package.Target, project: Path = tmp_path) -> function_package.FunctionPackage:
        del target
        path = project / "function.zip"
        path.write_bytes(b"a zip")
        return function_package.FunctionPackage(path, "a hash")

    monkeypatch.setattr(function_package, "build_function_package", small_package)

    def run(stack: str = "prod", *, preview: bool = False, settings: Mapping[str, Any] | None = None) -> Deployed:
        required = {} if stack == "local" else REQUIRED
        engine = RecordingEngine(preview=preview)
        config = stack_config(PROJECT_DIR, stack, {**required, **(settings or {})})
        exports = run_program(engine, stack=stack, config=config, preview=preview)
        return Deployed(stack, engine.resources, exports)

    return run


@pytest.fixture
def prod(deploy: Deploy) -> Deployed:
    return deploy("prod")
