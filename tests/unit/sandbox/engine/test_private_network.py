"""The whole program with its private network, which the sandbox's own stack leaves out, is one that can be created."""

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from components.blocks import function_package
from sandbox.engine import deployment
from sandbox.engine.deployment import ResourceEvent, deploy
from sandbox.engine.endpoint import Endpoint
from sandbox.engine.program import PROJECT_DIR
from sandbox.engine.resources import registry
from sandbox.pipelines import settings_of_only

DIRECT_CONNECT = "01234567-89ab-cdef-0123-456789abcdef"


@pytest.fixture(autouse=True)
def on_moto(aws: Endpoint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = tmp_path / "function.zip"
    package.write_bytes(b"a zip")
    sha256 = base64.b64encode(hashlib.sha256(b"a zip").digest()).decode()

    def endpoint(_url: str, _region: str) -> Endpoint:
        return aws

    def built(
        _target: function_package.Target, *, handler: str, lock: function_package.Lock, files: Mapping[str, str]
    ) -> function_package.FunctionPackage:
        assert handler
        assert lock
        assert not files
        return function_package.FunctionPackage(package, sha256)

    monkeypatch.setattr(deployment, "Endpoint", endpoint)
    # LocalStack has them.
    monkeypatch.setitem(registry.ABSENT, "aws:cloudwatch/compositeAlarm:CompositeAlarm", "moto has none")
    monkeypatch.setattr(function_package, "build_function_package", built)


def run(settings: Mapping[str, Any]) -> tuple[dict[str, Any], list[ResourceEvent]]:
    events: list[ResourceEvent] = []
    overrides = {"baler:privateNetwork": True, "baler:onPremisesCidrs": ["192.168.0.0/16"], **settings}
    exports = deploy(endpoint="http://moto", stack="local", overrides=overrides, on_resource=events.append).outputs
    return exports, events


def test_the_function_and_the_consumers_endpoints_are_in_the_network(aws: Endpoint) -> None:
    exports, _ = run({"baler:vpnGatewayAddress": "198.41.0.4"})

    function = aws.functions.get_function_configuration(FunctionName=exports["filesAggregatorFunction"])
    subnets = aws.ec2.describe_subnets(SubnetIds=function.get("VpcConfig", {}).get("SubnetIds"))["Subnets"]
    assert {subnet["AvailabilityZone"] for subnet in subnets} == {"eu-west-2a", "eu-west-2b"}
    (vpc,) = {subnet["VpcId"] for subnet in subnets}
    endpoints = aws.ec2.describe_vpc_endpoints(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["VpcEndpoints"]
    assert sorted(endpoint["ServiceName"].rpartition(".")[2] for endpoint in endpoints) == [
        "dynamodb",
        "glue",
        "kinesis-streams",
        "lambda",
        "s3",
        "s3",
        "sqs",
        "sts",
        "xray",
    ]
    assert exports["filesConsumerS3Url"].startswith("https://")
    (connection,) = aws.ec2.describe_vpn_connections()["VpnConnections"]
    assert connection["State"] == "available"


def test_what_no_emulator_has_is_told(aws: Endpoint) -> None:
    assert aws.region
    _, events = run(
        {**settings_of_only(["files"], PROJECT_DIR, "local"), "baler:directConnectGatewayId": DIRECT_CONNECT}
    )

    assert {event.type: event.detail for event in events if event.outcome == "absent"} == {
        "aws:cloudwatch/compositeAlarm:CompositeAlarm": "moto has none",
        "aws:cloudwatch/queryDefinition:QueryDefinition": "LocalStack saves no queries",
        "aws:directconnect/gatewayAssociation:GatewayAssociation": "LocalStack has no Direct Connect",
        "aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation": "LocalStack has no propagation of routes",
    }
