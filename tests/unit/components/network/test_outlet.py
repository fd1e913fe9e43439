"""The way out of the network for one function, to one address."""

from typing import TYPE_CHECKING, Any

import pytest
from harness.recorded_program import HTTP, S3

if TYPE_CHECKING:
    from conftest import Deploy, Deployed

COURIER = "baler-prod-files-courier-1a2b3c4"
FUNCTIONS = "baler-prod-function-access-1a2b3c4"
ENDPOINTS = "baler-prod-function-access-endpoints-1a2b3c4"
FUNCTION_TABLE = "baler-prod-network-function-1a2b3c4"
DIRECT_CONNECT = "01234567-89ab-cdef-0123-456789abcdef"


@pytest.fixture
def pushed(deploy: "Deploy") -> "Deployed":
    return deploy("prod", settings=HTTP)


def rules(deployed: "Deployed", direction: str, group: str) -> list[dict[str, Any]]:
    """Return the rules of a security group in a direction, without their descriptions."""
    return [
        {key: value for key, value in rule.inputs.items() if key not in ("description", "securityGroupId")}
        for rule in deployed.all(f"vpc/securityGroup{direction}Rule:SecurityGroup{direction}Rule")
        if rule.inputs["securityGroupId"] == group
    ]


@pytest.mark.requirement("MINIO-ARCH-03", "PUSH-SEC-06", "PUSH-E2E-04")
@pytest.mark.parametrize(("settings", "port"), [(HTTP, 8443), (S3, 9000)])
def test_the_courier_reaches_the_receivers_address_and_port_the_endpoints_and_nothing_else(
    deploy: "Deploy", settings: dict[str, Any], port: int
) -> None:
    deployed = deploy("prod", settings=settings)
    https = {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443}
    found = rules(deployed, "Egress", COURIER)
    wanted = [
        {"ipProtocol": "tcp", "fromPort": port, "toPort": port, "cidrIpv4": "10.20.30.40/32"},
        {**https, "referencedSecurityGroupId": ENDPOINTS},
        {**https, "prefixListId": "pl-s3"},
        {**https, "prefixListId": "pl-dynamodb"},
    ]
    assert len(found) == len(wanted)
    assert all(rule in found for rule in wanted)
    function = deployed.one("lambda/function:Function", "files-courier").inputs
    assert function["vpcConfig"]["securityGroupIds"] == [COURIER]


def test_a_url_without_a_port_means_that_of_https(deploy: "Deploy") -> None:
    deployed = deploy("prod", settings={**HTTP, "baler:filesReceiverUrl": "https://nifi.example.org/listener"})
    assert {rule["fromPort"] for rule in rules(deployed, "Egress", COURIER)} == {443}


@pytest.mark.requirement("PUSH-SEC-06")
def test_nothing_reaches_the_courier(pushed: "Deployed") -> None:
    assert rules(pushed, "Ingress", COURIER) == []
    assert not {"ingress", "egress"} & set(pushed.one("ec2/securityGroup:SecurityGroup", "files-courier").inputs)


def test_the_endpoints_answer_the_courier_too(pushed: "Deployed") -> None:
    peers = [rule["referencedSecurityGroupId"] for rule in rules(pushed, "Ingress", ENDPOINTS)]
    assert peers == [FUNCTIONS, COURIER]


@pytest.mark.parametrize(
    "part", ["files-aggregator", "files-mailbox-monitor", "files-reconciliation", "files-registrar"]
)
def test_no_other_function_can_leave(pushed: "Deployed", prod: "Deployed", part: str) -> None:
    assert pushed.one("lambda/function:Function", part).inputs["vpcConfig"]["securityGroupIds"] == [FUNCTIONS]
    assert rules(pushed, "Egress", FUNCTIONS) == rules(prod, "Egress", FUNCTIONS)
    assert not [rule for rule in rules(pushed, "Egress", FUNCTIONS) if "cidrIpv4" in rule]


@pytest.mark.requirement("PUSH-SEC-06")
@pytest.mark.parametrize(
    "line", [{"baler:vpnGatewayAddress": "198.41.0.4"}, {"baler:directConnectGatewayId": DIRECT_CONNECT}]
)
def test_the_functions_subnets_lead_to_the_receiver_alone_whatever_the_premises_announce(
    deploy: "Deploy", line: dict[str, str]
) -> None:
    deployed = deploy("prod", settings={**HTTP, "baler:vpnGatewayAddress": "", **line})
    (route,) = deployed.all("ec2/route:Route")
    assert route.inputs == {
        "routeTableId": FUNCTION_TABLE,
        "destinationCidrBlock": "10.20.30.40/32",
        "gatewayId": "baler-prod-on-premises-1a2b3c4",
    }
    learning = deployed.all("ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation")
    assert FUNCTION_TABLE not in {each.inputs["routeTableId"] for each in learning}


def test_a_line_that_somebody_else_has_is_theirs_to_lead(deploy: "Deploy") -> None:
    deployed = deploy("staging", settings={**HTTP, "baler:vpnGatewayAddress": ""})
    assert deployed.all("ec2/route:Route") == []
    assert deployed.one("ec2/securityGroup:SecurityGroup", "files-courier")


def test_without_a_network_there_is_no_group_and_no_route(deploy: "Deploy") -> None:
    deployed = deploy("dev", settings={key: value for key, value in HTTP.items() if "files" in key})
    assert not [r.name for r in deployed.resources if r.type.startswith(("aws:ec2/", "aws:vpc/"))]
    assert "vpcConfig" not in deployed.one("lambda/function:Function", "files-courier").inputs


def test_while_the_live_version_moves_both_networks_have_the_way_out(deploy: "Deploy") -> None:
    moving = {"baler:networkCidr": "10.99.0.0/24", "baler:liveNetwork": "10.80.0.0/24"}
    deployed = deploy("prod", settings={**HTTP, **moving})
    groups = {r.name: r.outputs["arn"] for r in deployed.all("ec2/securityGroup:SecurityGroup") if "courier" in r.name}
    assert len(groups) == 2
    role = deployed.one("iam/rolePolicy:RolePolicy", "files-courier").statements()
    assert set(groups.values()) <= set(role["ConnectToSubnets"]["Resource"])
    (used,) = deployed.one("lambda/function:Function", "files-courier").inputs["vpcConfig"]["securityGroupIds"]
    assert used != COURIER


def test_the_endpoint_of_secrets_passes_this_one_and_its_value_alone(pushed: "Deployed") -> None:
    endpoint = pushed.one("ec2/vpcEndpoint:VpcEndpoint", "function-access-secretsmanager")
    assert (endpoint.inputs["vpcEndpointType"], endpoint.inputs["privateDnsEnabled"]) == ("Interface", True)
    assert endpoint.inputs["serviceName"] == "com.amazonaws.eu-west-2.secretsmanager"
    assert endpoint.statements() == {
        "FilesReadSecret": {
            "Sid": "FilesReadSecret",
            "Effect": "Allow",
            "Principal": "*",
            "Action": ["secretsmanager:GetSecretValue"],
            "Resource": [pushed.one("secretsmanager/secret:Secret", "files-receiver").outputs["arn"]],
            "Condition": {"StringEquals": {"aws:PrincipalAccount": "111122223333"}},
        }
    }
