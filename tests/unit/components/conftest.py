"""Runs the real program against a recording engine, and tells what it declared."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

import pytest
from pulumi.runtime import rpc
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks

from components import function_package
from sandbox.engine.program import PROJECT_DIR, run_program, stack_config

ACCOUNT = "111122223333"
REGION = "eu-west-2"

REQUIRED = {
    "baler:externalPartyPrincipalArn": "arn:aws:iam::444455556666:role/uploader",
    "baler:externalPartySourceCidrs": ["203.0.113.0/24", "2001:db8::/48"],
    "baler:consumerPrincipalArn": "arn:aws:iam::111122223333:user/on-premises",
}

_ARNS = {
    "aws:s3/bucket:Bucket": "arn:aws:s3:::{id}",
    "aws:sqs/queue:Queue": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{{id}}",
    "aws:dynamodb/table:Table": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{{id}}",
    "aws:iam/role:Role": f"arn:aws:iam::{ACCOUNT}:role/{{id}}",
    "aws:cloudwatch/logGroup:LogGroup": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{{id}}",
    "aws:lambda/function:Function": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{{id}}",
    "aws:ec2/subnet:Subnet": f"arn:aws:ec2:{REGION}:{ACCOUNT}:subnet/{{id}}",
    "aws:ec2/securityGroup:SecurityGroup": f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/{{id}}",
    "aws:lambda/alias:Alias": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{{functionName}}:{{name}}",
}


@dataclass(frozen=True)
class Resource:
    """A resource or component that the program declared: its inputs, and what the engine answered."""

    type: str
    name: str
    inputs: dict[str, Any]
    protected: bool
    parent: str
    depends_on: tuple[str, ...]

    def document(self, key: str) -> Any:
        """Return the JSON document in one of the inputs."""
        return json.loads(self.inputs[key])

    def statements(self, key: str = "policy") -> dict[str, dict[str, Any]]:
        """Return the statements of a policy by their Sid."""
        return {statement["Sid"]: statement for statement in self.document(key)["Statement"]}


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


class AnsweringEngine(Mocks):
    """Answers as AWS would; in a preview it calls functions too, and tells nothing of resources."""

    def __init__(self, *, preview: bool) -> None:
        self._preview = preview

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if self._preview or not args.custom:
            return None, {}
        outputs = answer(args)
        return str(outputs["id"]), outputs

    def call(self, args: MockCallArgs) -> Any:
        return {
            "aws:index/getCallerIdentity:getCallerIdentity": {"accountId": ACCOUNT},
            "aws:index/getRegion:getRegion": {"region": REGION},
        }[args.token]


def answer(args: MockResourceArgs) -> dict[str, Any]:
    inputs = cast("dict[str, Any]", args.inputs)
    identity = inputs.get("name") or f"{args.name}-1a2b3c4"
    outputs = {**inputs, "id": identity, "name": identity}
    match args.typ:
        case "aws:s3/bucket:Bucket":
            outputs["bucket"] = identity
        case "aws:sqs/queue:Queue":
            outputs["url"] = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{identity}"
        case "aws:lambda/function:Function":
            outputs["version"] = "7"
        case "aws:ec2/vpcEndpoint:VpcEndpoint":
            service = str(inputs["serviceName"]).rpartition(".")[2]
            host = f"{identity}.{service}.{REGION}.vpce.amazonaws.com"
            outputs["dnsEntries"] = [{"dnsName": f"*.{host}" if service == "s3" else host}]
            outputs["prefixListId"] = f"pl-{service}"
        case _:
            pass
    if args.typ in _ARNS:
        outputs["arn"] = _ARNS[args.typ].format_map(outputs)
    return outputs


def recording(resources: list[Resource]) -> Callable[[MockMonitor, Any], Any]:
    """Return a registration that also keeps what Pulumi does not tell its mocks: parents, protection, dependencies."""
    register = cast("Callable[[MockMonitor, Any], Any]", MockMonitor.RegisterResource)

    def register_and_record(monitor: MockMonitor, request: Any) -> Any:
        inputs: dict[str, Any] = rpc.deserialize_properties(request.object)
        declared = Resource(
            request.type, request.name, inputs, request.protect, request.parent, tuple(request.dependencies)
        )
        response = register(monitor, request)
        resources.append(declared)
        return response

    return register_and_record


class Deploy(Protocol):
    def __call__(
        self, stack: str = ..., *, preview: bool = ..., settings: Mapping[str, Any] | None = ...
    ) -> Deployed: ...


@pytest.fixture
def deploy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Deploy:
    """Run the program of a stack, its required settings set, with other settings if given."""

    def small_package(_target: function_package.Target) -> function_package.FunctionPackage:
        path = tmp_path / "function.zip"
        path.write_bytes(b"a zip")
        return function_package.FunctionPackage(path, "its hash")

    monkeypatch.setattr(function_package, "build_function_package", small_package)

    def run(stack: str = "prod", *, preview: bool = False, settings: Mapping[str, Any] | None = None) -> Deployed:
        required = {} if stack == "local" else REQUIRED
        config = stack_config(PROJECT_DIR, stack, {**required, **(settings or {})})
        resources: list[Resource] = []
        with monkeypatch.context() as patch:
            patch.setattr(MockMonitor, "RegisterResource", recording(resources))
            exports = run_program(AnsweringEngine(preview=preview), stack=stack, config=config, preview=preview)
        return Deployed(stack, resources, exports)

    return run


@pytest.fixture
def prod(deploy: Deploy) -> Deployed:
    return deploy("prod")


@pytest.fixture
def required() -> dict[str, Any]:
    """The settings that have no default, by qualified key."""
    return dict(REQUIRED)
