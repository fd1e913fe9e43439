import json
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.engine.endpoint import Endpoint
from sandbox.engine.resources.creation import Created

Create = Callable[..., Created]
Record = Callable[[Any, str], list[dict[str, Any]]]

TAGS = {"Name": "thing"}
SAID = [{"Key": "Name", "Value": "thing"}]


@pytest.fixture
def vpc(create: Create) -> str:
    inputs = {"cidrBlock": "10.80.0.0/24", "enableDnsSupport": True, "enableDnsHostnames": True, "tags": TAGS}
    return create("aws:ec2/vpc:Vpc", inputs).id


@pytest.fixture
def subnet(create: Create, vpc: str) -> str:
    inputs = {"vpcId": vpc, "cidrBlock": "10.80.0.0/27", "availabilityZone": "eu-west-2a", "tags": TAGS}
    return create("aws:ec2/subnet:Subnet", inputs).id


@pytest.fixture
def group(create: Create, vpc: str) -> str:
    return create("aws:ec2/securityGroup:SecurityGroup", {"vpcId": vpc, "description": "d", "tags": TAGS}).id


@pytest.fixture
def table(create: Create, vpc: str) -> str:
    return create("aws:ec2/routeTable:RouteTable", {"vpcId": vpc, "tags": TAGS}).id


def group_of(aws: Endpoint, group_id: str) -> Any:
    (found,) = aws.ec2.describe_security_groups(GroupIds=[group_id])["SecurityGroups"]
    return found


def test_a_network_has_its_addresses_and_names(aws: Endpoint, vpc: str) -> None:
    (found,) = aws.ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"]
    assert (found["CidrBlock"], found["Tags"]) == ("10.80.0.0/24", SAID)
    for attribute in ("enableDnsSupport", "enableDnsHostnames"):
        answer = aws.ec2.describe_vpc_attribute(VpcId=vpc, Attribute=attribute)
        assert answer[attribute[0].upper() + attribute[1:]] == {"Value": True}


def test_a_subnet_is_in_its_zone_and_uses_its_table(
    aws: Endpoint, create: Create, vpc: str, subnet: str, table: str
) -> None:
    create("aws:ec2/routeTableAssociation:RouteTableAssociation", {"subnetId": subnet, "routeTableId": table})

    (found,) = aws.ec2.describe_subnets(SubnetIds=[subnet])["Subnets"]
    assert (found["VpcId"], found["CidrBlock"], found["AvailabilityZone"]) == (vpc, "10.80.0.0/27", "eu-west-2a")
    (routes,) = aws.ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"]
    assert [association["SubnetId"] for association in routes["Associations"]] == [subnet]
    assert [route["GatewayId"] for route in routes["Routes"]] == ["local"]


def test_a_table_leads_to_one_address_beyond_a_gateway(aws: Endpoint, create: Create, vpc: str, table: str) -> None:
    gateway = create("aws:ec2/vpnGateway:VpnGateway", {"vpcId": vpc, "amazonSideAsn": "64512", "tags": TAGS}).id
    inputs = {"routeTableId": table, "destinationCidrBlock": "10.20.30.40/32", "gatewayId": gateway}
    made = create("aws:ec2/route:Route", inputs)

    assert made.id == f"r-{table}10.20.30.40/32"
    (found,) = aws.ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"]
    routes = {route["DestinationCidrBlock"]: route["GatewayId"] for route in found["Routes"]}
    assert routes == {"10.80.0.0/24": "local", "10.20.30.40/32": gateway}


def test_a_new_group_lets_nothing_in_and_nothing_out(aws: Endpoint, group: str) -> None:
    found = group_of(aws, group)
    assert (found["IpPermissions"], found["IpPermissionsEgress"], found["Description"]) == ([], [], "d")


def test_the_group_that_a_network_was_made_with_lets_nothing_in_and_nothing_out(
    aws: Endpoint, create: Create, vpc: str
) -> None:
    emptied = create("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", {"vpcId": vpc, "tags": TAGS})

    found = group_of(aws, emptied.id)
    assert (found["GroupName"], found["VpcId"]) == ("default", vpc)
    assert (found["IpPermissions"], found["IpPermissionsEgress"], found["Tags"]) == ([], [], SAID)


OTHER_SIDES = {
    "cidrIpv4": ("192.168.0.0/16", {"IpRanges": [{"CidrIp": "192.168.0.0/16", "Description": "d"}]}),
    "prefixListId": ("pl-1", {"PrefixListIds": [{"PrefixListId": "pl-1", "Description": "d"}]}),
}


@pytest.mark.parametrize("kind", ["Ingress", "Egress"])
@pytest.mark.parametrize("other_side", OTHER_SIDES)
def test_a_rule_is_added_to_its_group(
    aws: Endpoint, create: Create, record: Record, kind: str, other_side: str
) -> None:
    requests = record(aws.ec2, f"AuthorizeSecurityGroup{kind}")
    vpc = create("aws:ec2/vpc:Vpc", {"cidrBlock": "10.80.0.0/24"}).id
    group = create("aws:ec2/securityGroup:SecurityGroup", {"vpcId": vpc}).id
    value, sent = OTHER_SIDES[other_side]
    https = {"ipProtocol": "tcp", "fromPort": 443.0, "toPort": 443.0}
    rule = {"securityGroupId": group, **https, "description": "d", other_side: value}

    created = create(f"aws:vpc/securityGroup{kind}Rule:SecurityGroup{kind}Rule", rule)

    permission = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443} | sent
    assert requests == [{"GroupId": group, "IpPermissions": [permission]}]
    filters = [{"Name": "group-id", "Values": [group]}]
    (found,) = aws.ec2.describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
    assert (found["SecurityGroupRuleId"], found["IsEgress"]) == (created.id, kind == "Egress")
    assert created.outputs == {"securityGroupRuleId": created.id}


def test_a_rule_can_name_another_group(aws: Endpoint, create: Create, vpc: str, group: str) -> None:
    other = create("aws:ec2/securityGroup:SecurityGroup", {"vpcId": vpc}, name="other").id
    rule = {"securityGroupId": group, "ipProtocol": "tcp", "fromPort": 443.0, "toPort": 443.0}

    create("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", rule | {"referencedSecurityGroupId": other})

    (permission,) = group_of(aws, group)["IpPermissions"]
    assert [pair["GroupId"] for pair in permission["UserIdGroupPairs"]] == [other]


def test_a_gateway_endpoint_is_a_route_with_a_policy_and_a_list_of_addresses(
    aws: Endpoint, create: Create, vpc: str, table: str
) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})

    endpoint = create(
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        {
            "vpcId": vpc,
            "vpcEndpointType": "Gateway",
            "serviceName": "com.amazonaws.eu-west-2.s3",
            "routeTableIds": [table],
            "policy": policy,
            "tags": TAGS,
        },
    )

    (found,) = aws.ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint.id])["VpcEndpoints"]
    assert (found["VpcEndpointType"], found["RouteTableIds"], found["PolicyDocument"]) == ("Gateway", [table], policy)
    assert endpoint.outputs["prefixListId"].startswith("pl-")
    assert endpoint.outputs["dnsEntries"] == []


def test_an_interface_endpoint_is_in_its_subnets_and_has_a_name(
    aws: Endpoint, create: Create, vpc: str, subnet: str, group: str
) -> None:
    endpoint = create(
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        {
            "vpcId": vpc,
            "vpcEndpointType": "Interface",
            "serviceName": "com.amazonaws.eu-west-2.sqs",
            "subnetIds": [subnet],
            "securityGroupIds": [group],
            "privateDnsEnabled": True,
        },
    )

    (found,) = aws.ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint.id])["VpcEndpoints"]
    assert (found["VpcEndpointType"], found["SubnetIds"]) == ("Interface", [subnet])
    assert [each["GroupId"] for each in found["Groups"]] == [group]
    assert found["PrivateDnsEnabled"] is True
    (first, *_) = endpoint.outputs["dnsEntries"]
    assert endpoint.id in first["dnsName"]
    assert "prefixListId" not in endpoint.outputs


def test_a_flow_log_is_of_its_network_and_goes_where_the_program_says(
    aws: Endpoint, create: Create, record: Record, vpc: str
) -> None:
    requests = record(aws.ec2, "CreateFlowLogs")
    log_group = create("aws:cloudwatch/logGroup:LogGroup", {"name": "/aws/vpc/thing"}).outputs["arn"]
    role = "arn:aws:iam::123456789012:role/flow-logs"

    created = create(
        "aws:ec2/flowLog:FlowLog",
        {
            "vpcId": vpc,
            "trafficType": "ALL",
            "logDestinationType": "cloud-watch-logs",
            "logDestination": log_group,
            "iamRoleArn": role,
            "tags": TAGS,
        },
    )

    assert created.id.startswith("fl-")
    (request,) = requests
    assert request == {
        "ResourceType": "VPC",
        "ResourceIds": [vpc],
        "TrafficType": "ALL",
        "LogDestinationType": "cloud-watch-logs",
        "LogDestination": log_group,
        "DeliverLogsPermissionArn": role,
        "TagSpecifications": [{"ResourceType": "vpc-flow-log", "Tags": SAID}],
    }


def test_a_vpn_connects_a_device_with_a_network_by_two_tunnels(
    aws: Endpoint, create: Create, record: Record, vpc: str
) -> None:
    requests = record(aws.ec2, "CreateVpnConnection")
    device = create(
        "aws:ec2/customerGateway:CustomerGateway",
        {"type": "ipsec.1", "ipAddress": "198.41.0.4", "bgpAsn": "65010", "tags": TAGS},
    ).id
    gateway = create("aws:ec2/vpnGateway:VpnGateway", {"vpcId": vpc, "amazonSideAsn": "64512", "tags": TAGS}).id

    connection = create(
        "aws:ec2/vpnConnection:VpnConnection",
        {
            "type": "ipsec.1",
            "customerGatewayId": device,
            "vpnGatewayId": gateway,
            "tunnel1IkeVersions": ["ikev2"],
            "tunnel2Phase1DhGroupNumbers": [14.0, 20.0],
            "tags": TAGS,
        },
    ).id

    (described,) = aws.ec2.describe_customer_gateways(CustomerGatewayIds=[device])["CustomerGateways"]
    assert (described["IpAddress"], described["BgpAsn"]) == ("198.41.0.4", "65010")
    (found,) = aws.ec2.describe_vpn_gateways(VpnGatewayIds=[gateway])["VpnGateways"]
    assert (found["VpcAttachments"][0]["VpcId"], found["AmazonSideAsn"]) == (vpc, 64512)
    (made,) = aws.ec2.describe_vpn_connections(VpnConnectionIds=[connection])["VpnConnections"]
    assert (made["CustomerGatewayId"], made["VpnGatewayId"]) == (device, gateway)
    assert requests[0]["Options"] == {
        "TunnelOptions": [
            {"IKEVersions": [{"Value": "ikev2"}]},
            {"Phase1DHGroupNumbers": [{"Value": 14}, {"Value": 20}]},
        ]
    }
