"""Runs the real program against an engine that records, and tells what it declared."""

from __future__ import annotations

import atexit
import gc
import json
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, cast
from unittest import mock

import pulumi
import pulumi.runtime
from pulumi.runtime import rpc
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks

from components import pipelines
from components.blocks import function_package
from components.lake.site import build
from harness.frozen import frozen
from harness.shipped_stacks import SHIPPED, shipped_project
from harness.site_build import made_up_build
from sandbox.engine.program import run_program, stack_config
from sandbox.pipelines import settings_of_only

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from sandbox.pipelines import Pipeline

ACCOUNT: Final = "111122223333"
REGION: Final = "eu-west-2"
STACKS: Final = ("local", "dev", "staging", "prod")

_OF_ALL: Final[dict[str, Any]] = {
    "baler:filesExternalPartyPrincipalArn": "arn:aws:iam::444455556666:role/uploader",
    "baler:filesExternalPartySourceCidrs": ["203.0.113.0/24", "2001:db8::/48"],
}

REQUIRED: Final[dict[str, Any]] = {
    **_OF_ALL,
    "baler:filesConsumerPrincipalArn": "arn:aws:iam::111122223333:user/on-premises",
}
"""What a stack must say, by qualified key, if a consumer comes for its bundles."""

_OF_ALL_PROTECTED: Final[dict[str, Any]] = {
    "baler:alarmSubscriptions": ["ops@example.org"],
    "baler:pageSubscriptions": ["https://pager.example.org/token"],
}

REQUIRED_OF_PROTECTED: Final[dict[str, Any]] = {**_OF_ALL_PROTECTED, "baler:filesConsumerOverInternet": True}
"""What it must say besides, if its data is protected."""

EVENTS: Final[dict[str, Any]] = {
    "baler:pipelines": ["files", "events"],
    "baler:eventsProducerPrincipalArn": "arn:aws:iam::111122223333:role/producer",
}
"""What a stack says that has the event stream too."""

EVENTS_ALONE: Final[dict[str, Any]] = {**EVENTS, "baler:pipelines": ["events"]}
"""What a stack says that has the event stream alone."""

RECEIVER_ADDRESS: Final = "10.20.30.40"
_PUSHED: Final[dict[str, Any]] = {
    "baler:filesReceiverAddress": RECEIVER_ADDRESS,
    "baler:onPremisesCidrs": ["10.20.0.0/16"],
    "baler:vpnGatewayAddress": "198.41.0.4",
}

HTTP: Final[dict[str, Any]] = {
    "baler:filesDelivery": "http",
    "baler:filesReceiverUrl": "https://nifi.example.org:8443/contentListener",
    **_PUSHED,
}
"""What a stack says whose bundles are posted to an endpoint on the premises."""

S3: Final[dict[str, Any]] = {
    "baler:filesDelivery": "s3",
    "baler:filesReceiverUrl": "https://store.example.org:9000",
    "baler:filesReceiverBucket": "bundles",
    **_PUSHED,
}
"""What a stack says whose bundles are put into a store on the premises."""

LAKE: Final[dict[str, Any]] = {"baler:pipelines": ["files", "lake"]}
"""What a stack says that has the data lake too."""

LAKE_ALONE: Final[dict[str, Any]] = {"baler:pipelines": ["lake"]}
"""What a stack says that has the data lake alone."""

_ARNS: Final = {
    "aws:s3/bucket:Bucket": "arn:aws:s3:::{id}",
    "aws:sqs/queue:Queue": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{{id}}",
    "aws:dynamodb/table:Table": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{{id}}",
    "aws:iam/role:Role": f"arn:aws:iam::{ACCOUNT}:role/{{id}}",
    "aws:cloudwatch/eventRule:EventRule": f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{{id}}",
    "aws:cloudwatch/logGroup:LogGroup": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{{id}}",
    "aws:lambda/function:Function": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{{id}}",
    "aws:lambda/eventSourceMapping:EventSourceMapping": (
        f"arn:aws:lambda:{REGION}:{ACCOUNT}:event-source-mapping:{{uuid}}"
    ),
    "aws:lambda/alias:Alias": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{{functionName}}:{{name}}",
    "aws:cloudwatch/metricAlarm:MetricAlarm": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{{id}}",
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{{alarmName}}",
    "aws:kms/key:Key": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{{id}}",
    "aws:sns/topic:Topic": f"arn:aws:sns:{REGION}:{ACCOUNT}:{{id}}",
    "aws:secretsmanager/secret:Secret": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{{id}}-6DigIt",
    "aws:kinesis/stream:Stream": f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/{{id}}",
    "aws:ec2/subnet:Subnet": f"arn:aws:ec2:{REGION}:{ACCOUNT}:subnet/{{id}}",
    "aws:ec2/securityGroup:SecurityGroup": f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/{{id}}",
}


@dataclass(frozen=True)
class Resource:
    """A resource or component that the program declared: its inputs, and what the engine answered.

    Attributes:
        refers: the URNs of the resources whose outputs are in an input, by the input's name.
        ignored: the inputs whose changes the engine leaves alone once the resource is there.
        retained: whether it stays where it is when the program declares it no more.
    """

    type: str
    name: str
    urn: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    protected: bool
    parent: str
    depends_on: tuple[str, ...]
    refers: dict[str, tuple[str, ...]]
    ignored: tuple[str, ...] = ()
    retained: bool = False

    def document(self, key: str) -> Any:
        """Return the JSON document in one of the inputs."""
        return json.loads(self.inputs[key])

    def statements(self, key: str = "policy") -> dict[str, dict[str, Any]]:
        """Return the statements of a policy by their Sid."""
        return {statement["Sid"]: statement for statement in self.document(key)["Statement"]}


@dataclass(frozen=True)
class Deployed:
    """What one run of the program declared and exported, and the configuration that it ran with."""

    stack: str
    config: dict[str, str]
    resources: list[Resource]
    exports: dict[str, Any]

    def all(self, type_token: str) -> list[Resource]:
        """Return the resources of a type, `s3/bucket:Bucket` for example."""
        return [resource for resource in self.resources if resource.type == f"aws:{type_token}"]

    def one(self, type_token: str, part: str) -> Resource:
        """Return the resource of a type that a part of the pipeline has, `files-landing` for example."""
        (found,) = (r for r in self.all(type_token) if r.name == f"baler-{self.stack}-{part}")
        return found


def record_program(stack: str, settings: Mapping[str, Any] | None = None, *, preview: bool = False) -> Deployed:
    """Run the program of a stack, its required settings set, with other settings if given.

    Equal calls of a session share one run and its result, which nobody can change.
    """
    return _recorded(_Run(stack, json.dumps(settings or {}, sort_keys=True), preview))


@dataclass(frozen=True)
class _Run:
    """All that a run's result depends on, whatever a test has put in Pulumi's or our pipelines' place included."""

    stack: str
    settings: str
    preview: bool
    get_stack: Any = field(default_factory=lambda: pulumi.get_stack)
    is_config_secret: Any = field(default_factory=lambda: pulumi.runtime.is_config_secret)
    built: Any = field(default_factory=lambda: tuple(pipelines.PIPELINES.items()))


@cache
def _recorded(run: _Run) -> Deployed:
    config = _config(run.stack, json.loads(run.settings))
    resources: list[Resource] = []
    built = function_package.FunctionPackage(_package(), "its hash")
    with (
        _uncollected(),
        mock.patch.object(function_package, "build_function_package", return_value=built),
        mock.patch.object(build, "read_build", return_value=made_up_build()),
        mock.patch.object(MockMonitor, "RegisterResource", _recording(resources)),
    ):
        exports = run_program(
            _AnsweringEngine(preview=run.preview), stack=run.stack, config=config, preview=run.preview
        )
    return Deployed(run.stack, frozen(config), frozen(resources), frozen(exports))


@cache
def _package() -> Path:
    """Return a function's package that nobody runs: building the real one takes pip."""
    folder = Path(tempfile.mkdtemp(prefix="baler-package-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    package = folder / "function.zip"
    package.write_bytes(b"a zip")
    return package


def required_settings(stack: str, settings: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
    """Return the least that a stack with these settings must be given besides, by qualified key."""
    protected = {**SHIPPED.get(stack, {}), **settings}.get("baler:protectData")
    if "files" not in _pipelines(settings):
        return _OF_ALL_PROTECTED if protected else {}
    if settings.get("baler:filesDelivery", "pull") != "pull":
        # The stack `local` has a consumer of its own, in its file.
        local = {"baler:filesConsumerPrincipalArn": ""} if stack == "local" else {}
        return {**_OF_ALL, **(_OF_ALL_PROTECTED if protected else {}), **local}
    return {} if stack == "local" else {**REQUIRED, **(REQUIRED_OF_PROTECTED if protected else {})}


def _pipelines(settings: Mapping[str, Any]) -> Sequence[str]:
    """Return the pipelines that a stack has: without a word the files alone, whatever the stack's file names."""
    return settings.get("baler:pipelines") or ["files"]


def _config(stack: str, settings: Mapping[str, Any]) -> dict[str, str]:
    """Return the configuration of a stack; its live version is where new ones go, unless the settings say otherwise."""
    chosen = cast("Sequence[Pipeline]", _pipelines(settings))
    only = settings_of_only(chosen, shipped_project(), stack)
    config = stack_config(shipped_project(), stack, {**only, **required_settings(stack, settings), **settings})
    place = config["baler:networkCidr"] if config["baler:privateNetwork"] == "true" else "none"
    return config if "baler:liveNetwork" in settings else {**config, "baler:liveNetwork": place}


@contextmanager
def _uncollected() -> Generator[None]:
    """Without garbage collection, which goes through all of pulumi_aws again and again: half of a run's time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class _AnsweringEngine(Mocks):
    """Answers as AWS would; in a preview it calls functions too, and tells nothing of resources."""

    def __init__(self, *, preview: bool) -> None:
        self._preview = preview

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if self._preview or not args.custom:
            return None, {}
        outputs = _answer(args)
        return str(outputs["id"]), outputs

    def call(self, args: MockCallArgs) -> Any:
        return {
            "aws:index/getCallerIdentity:getCallerIdentity": {"accountId": ACCOUNT},
            "aws:index/getRegion:getRegion": {"region": REGION},
        }[args.token]


def _answer(args: MockResourceArgs) -> dict[str, Any]:
    inputs = cast("dict[str, Any]", args.inputs)
    identity = inputs.get("name") or f"{args.name}-1a2b3c4"
    outputs = {**inputs, "id": identity, "name": identity}
    match args.typ:
        case "aws:s3/bucket:Bucket":
            outputs["bucket"] = identity
            outputs["bucketRegionalDomainName"] = f"{identity}.s3.{REGION}.amazonaws.com"
        case "aws:sqs/queue:Queue":
            outputs["url"] = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{identity}"
        case "aws:lambda/function:Function":
            outputs["version"] = "7"
        case "aws:apigatewayv2/api:Api":
            outputs["apiEndpoint"] = f"https://{identity}.execute-api.{REGION}.amazonaws.com"
            outputs["executionArn"] = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{identity}"
        case "aws:cloudfront/distribution:Distribution":
            outputs["domainName"] = f"{identity}.cloudfront.net"
        case "aws:kms/key:Key":
            outputs["keyId"] = identity
        case "aws:lambda/eventSourceMapping:EventSourceMapping":
            outputs["uuid"] = identity
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


def _recording(resources: list[Resource]) -> Callable[[MockMonitor, Any], Any]:
    """Return a registration that also keeps what Pulumi does not tell its mocks: parents, protection, references."""
    register = cast("Callable[[MockMonitor, Any], Any]", MockMonitor.RegisterResource)

    def register_and_record(monitor: MockMonitor, request: Any) -> Any:
        response = register(monitor, request)
        resources.append(
            Resource(
                type=request.type,
                name=request.name,
                urn=response.urn,
                inputs=frozen(rpc.deserialize_properties(request.object)),
                outputs=frozen(rpc.deserialize_properties(response.object)),
                protected=request.protect,
                parent=request.parent,
                depends_on=tuple(request.dependencies),
                refers=frozen({key: tuple(found.urns) for key, found in request.propertyDependencies.items()}),
                ignored=tuple(request.ignoreChanges),
                retained=request.retainOnDelete,
            )
        )
        return response

    return register_and_record
