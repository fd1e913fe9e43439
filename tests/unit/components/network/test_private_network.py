"""The network that the function runs in, and what leads into it and out of it."""

import ipaddress
from typing import TYPE_CHECKING, Any

import pytest

from components.network.addresses import LONGEST_PREFIX, SHORTEST_PREFIX, divide

if TYPE_CHECKING:
    from conftest import Deploy, Deployed

FUNCTION_TABLE = "baler-prod-network-function-1a2b3c4"
ENDPOINT_TABLE = "baler-prod-network-endpoints-1a2b3c4"
FUNCTION_GROUP = "baler-prod-function-access-1a2b3c4"
ENDPOINT_GROUP = "baler-prod-function-access-endpoints-1a2b3c4"
WAYS_OUT = ("gateway", "nat", "route:Route", "egressonly", "eip", "peering", "transit")

EVERYTHING_OF_THE_NETWORK = {
    "baler:vpnGatewayAddress": "198.41.0.4",
    "baler:onPremisesCidrs": ["192.168.0.0/16", "172.16.0.0/12"],
}


def rules(deployed: "Deployed", direction: str) -> dict[str, dict[str, Any]]:
    """Return the rules of all security groups in a direction by their names."""
    found = deployed.all(f"vpc/securityGroup{direction}Rule:SecurityGroup{direction}Rule")
    return {rule.name.removeprefix(f"baler-{deployed.stack}-"): rule.inputs for rule in found}


@pytest.mark.requirement("PULL-NFR-10", "PUSH-SEC-06")
def test_nothing_leads_to_the_internet(deploy: "Deploy") -> None:
    deployed = deploy("prod", settings=EVERYTHING_OF_THE_NETWORK)
    kinds = {r.type.lower() for r in deployed.resources if r.type.startswith(("aws:ec2/", "aws:vpc/", "aws:ec2trans"))}
    ways = {kind for kind in kinds for way in WAYS_OUT if way in kind}
    assert ways == {
        "aws:ec2/customergateway:customergateway",
        "aws:ec2/vpngateway:vpngateway",
        "aws:ec2/vpngatewayroutepropagation:vpngatewayroutepropagation",
    }
    for table in deployed.all("ec2/routeTable:RouteTable"):
        assert not {"routes", "propagatingVgws"} & set(table.inputs)
    for subnet in deployed.all("ec2/subnet:Subnet"):
        assert "mapPublicIpOnLaunch" not in subnet.inputs


@pytest.mark.requirement("PULL-NFR-10")
def test_the_function_runs_in_a_subnet_of_its_own_in_each_zone(deploy: "Deploy") -> None:
    deployed = deploy("prod", settings={"baler:networkZones": "abc"})
    subnets = {r.name.removeprefix("baler-prod-network-"): r.inputs for r in deployed.all("ec2/subnet:Subnet")}
    assert {name: subnet["availabilityZone"] for name, subnet in subnets.items()} == {
        f"{tier}-{zone}": f"eu-west-2{zone}" for tier in ("function", "endpoints") for zone in "abc"
    }
    assert deployed.one("lambda/function:Function", "files-aggregator").inputs["vpcConfig"] == {
        "subnetIds": [f"baler-prod-network-function-{zone}-1a2b3c4" for zone in "abc"],
        "securityGroupIds": [FUNCTION_GROUP],
    }


@pytest.mark.requirement("PULL-NFR-10")
def test_each_subnet_uses_the_route_table_of_its_tier(prod: "Deployed") -> None:
    associations = prod.all("ec2/routeTableAssociation:RouteTableAssociation")
    assert {a.inputs["subnetId"]: a.inputs["routeTableId"] for a in associations} == {
        "baler-prod-network-function-a-1a2b3c4": FUNCTION_TABLE,
        "baler-prod-network-function-b-1a2b3c4": FUNCTION_TABLE,
        "baler-prod-network-endpoints-a-1a2b3c4": ENDPOINT_TABLE,
        "baler-prod-network-endpoints-b-1a2b3c4": ENDPOINT_TABLE,
    }


@pytest.mark.parametrize("cidr", [f"10.0.0.0/{SHORTEST_PREFIX}", f"10.9.8.128/{LONGEST_PREFIX}", "10.80.0.0/24"])
@pytest.mark.parametrize("zones", ["ab", "abcd"])
def test_subnets_are_within_the_network_apart_and_large_enough_for_aws(cidr: str, zones: str) -> None:
    addresses = divide(cidr, zones)
    subnets = [ipaddress.IPv4Network(c) for c in (*addresses.function.values(), *addresses.endpoints.values())]
    assert list(addresses.function) == list(addresses.endpoints) == list(zones)
    assert all(subnet.subnet_of(ipaddress.IPv4Network(cidr)) and subnet.prefixlen <= 28 for subnet in subnets)
    assert not any(one.overlaps(other) for one in subnets for other in subnets if one is not other)


def test_a_zone_that_is_added_moves_no_subnet() -> None:
    before, after = divide("10.80.0.0/24", "ab"), divide("10.80.0.0/24", "abc")
    assert before.function.items() <= after.function.items()
    assert before.endpoints.items() <= after.endpoints.items()


@pytest.mark.requirement("PULL-NFR-10", "PUSH-SEC-06")
def test_the_function_can_reach_its_endpoints_over_https_and_nothing_else(prod: "Deployed") -> None:
    https = {"securityGroupId": FUNCTION_GROUP, "ipProtocol": "tcp", "fromPort": 443, "toPort": 443}
    out = {name: {k: v for k, v in rule.items() if k != "description"} for name, rule in rules(prod, "Egress").items()}
    assert out == {
        "function-access-s3": {**https, "prefixListId": "pl-s3"},
        "function-access-dynamodb": {**https, "prefixListId": "pl-dynamodb"},
        "function-access-endpoints": {**https, "referencedSecurityGroupId": ENDPOINT_GROUP},
    }


@pytest.mark.requirement("PULL-NFR-10")
def test_the_endpoints_answer_the_function_and_nobody_answers_to_the_endpoints(prod: "Deployed") -> None:
    (rule,) = rules(prod, "Ingress").values()
    assert (rule["securityGroupId"], rule["referencedSecurityGroupId"]) == (ENDPOINT_GROUP, FUNCTION_GROUP)
    assert (rule["ipProtocol"], rule["fromPort"], rule["toPort"]) == ("tcp", 443, 443)


def test_no_group_has_rules_beside_those_tested_here(prod: "Deployed") -> None:
    for group in [
        *prod.all("ec2/securityGroup:SecurityGroup"),
        *prod.all("ec2/defaultSecurityGroup:DefaultSecurityGroup"),
    ]:
        assert not {"ingress", "egress"} & set(group.inputs)


def test_the_group_that_aws_makes_by_itself_is_emptied(prod: "Deployed") -> None:
    (group,) = prod.all("ec2/defaultSecurityGroup:DefaultSecurityGroup")
    assert group.inputs["vpcId"] == "baler-prod-network-1a2b3c4"


def test_the_services_are_found_under_their_own_names(prod: "Deployed") -> None:
    vpc = prod.one("ec2/vpc:Vpc", "network").inputs
    assert vpc["enableDnsSupport"] is vpc["enableDnsHostnames"] is True
    for service in ("sqs", "xray"):
        assert prod.one("ec2/vpcEndpoint:VpcEndpoint", f"function-access-{service}").inputs["privateDnsEnabled"] is True


@pytest.mark.requirement("PULL-NFR-10", "PULL-NFR-07")
def test_the_traffic_is_logged_all_of_it_and_for_as_long_as_the_function(deploy: "Deploy") -> None:
    deployed = deploy("prod", settings={"baler:logRetentionDays": 90})
    flow_log = deployed.one("ec2/flowLog:FlowLog", "network")
    group = deployed.one("cloudwatch/logGroup:LogGroup", "network").inputs
    assert group == {"name": "/aws/vpc/baler-prod-network", "retentionInDays": 90}
    assert flow_log.inputs["trafficType"] == "ALL"
    assert flow_log.inputs["vpcId"] == "baler-prod-network-1a2b3c4"
    assert flow_log.inputs["logDestination"].endswith(":log-group:/aws/vpc/baler-prod-network")
    assert flow_log.inputs["iamRoleArn"].endswith(":role/baler-prod-network-1a2b3c4")
    assert any(urn.endswith("aws:iam/rolePolicy:RolePolicy::baler-prod-network") for urn in flow_log.depends_on)


@pytest.mark.requirement("PULL-NFR-10")
def test_the_function_does_not_run_before_its_ways_are_open(prod: "Deployed") -> None:
    needs = {urn.rpartition("::")[2] for urn in prod.one("lambda/function:Function", "files-aggregator").depends_on}
    ways = {f"baler-prod-function-access-{way}" for way in ("endpoints", "s3", "dynamodb", "sqs", "xray")}
    assert ways <= needs


@pytest.mark.parametrize("stack", ["local", "dev"])
def test_without_a_network_the_function_needs_none_of_it(deploy: "Deploy", stack: str) -> None:
    deployed = deploy(stack, settings={"baler:privateNetwork": False})
    assert not [r for r in deployed.resources if r.type.startswith(("aws:ec2/", "aws:vpc/"))]
    assert "vpcConfig" not in deployed.one("lambda/function:Function", "files-aggregator").inputs
    policy = deployed.one("iam/rolePolicy:RolePolicy", "files-aggregator").document("policy")
    assert not [s for s in policy["Statement"] if any(action.startswith("ec2:") for action in s["Action"])]


@pytest.mark.parametrize("stack", ["staging", "prod"])
def test_where_it_counts_the_function_runs_in_the_network(deploy: "Deploy", stack: str) -> None:
    assert deploy(stack).one("lambda/function:Function", "files-aggregator").inputs["vpcConfig"]["subnetIds"]
