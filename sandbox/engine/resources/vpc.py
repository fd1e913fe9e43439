"""Networks, their subnets and routes, and the log of their traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.engine.resources.creation import Created, Creation
from sandbox.engine.resources.tags import tag_specifications

if TYPE_CHECKING:
    from sandbox.engine.endpoint import Endpoint
    from sandbox.engine.inputs import Inputs


def vpc(_name: str, inputs: Inputs) -> Creation:
    """Create a network, with or without names for what is in it."""
    definition = inputs.renamed(cidrBlock="CidrBlock")
    names = inputs.renamed(enableDnsHostnames="EnableDnsHostnames", enableDnsSupport="EnableDnsSupport")
    tags = inputs.take("tags", {})

    def create(aws: Endpoint) -> Created:
        made = aws.ec2.create_vpc(TagSpecifications=tag_specifications("vpc", tags), **definition)["Vpc"]
        for attribute, value in names.items():
            aws.ec2.modify_vpc_attribute(VpcId=made["VpcId"], **{attribute: {"Value": value}})
        return Created(made["VpcId"], {"arn": _arn(aws, "vpc", made["VpcId"]), "tagsAll": tags})

    return create


def subnet(_name: str, inputs: Inputs) -> Creation:
    """Create a subnet, whose interfaces get no public address."""
    definition = inputs.renamed(availabilityZone="AvailabilityZone", cidrBlock="CidrBlock", vpcId="VpcId")
    tags = inputs.take("tags", {})

    def create(aws: Endpoint) -> Created:
        made = aws.ec2.create_subnet(TagSpecifications=tag_specifications("subnet", tags), **definition)["Subnet"]
        return Created(made["SubnetId"], {"arn": made["SubnetArn"], "tagsAll": tags})

    return create


def route_table(_name: str, inputs: Inputs) -> Creation:
    """Create a table that has the network's own route alone."""
    definition = inputs.renamed(vpcId="VpcId")
    tags = inputs.take("tags", {})

    def create(aws: Endpoint) -> Created:
        specifications = tag_specifications("route-table", tags)
        made = aws.ec2.create_route_table(TagSpecifications=specifications, **definition)["RouteTable"]
        identity = made["RouteTableId"]
        return Created(identity, {"arn": _arn(aws, "route-table", identity), "tagsAll": tags})

    return create


def route_table_association(_name: str, inputs: Inputs) -> Creation:
    """Let a subnet use a table."""
    definition = inputs.renamed(routeTableId="RouteTableId", subnetId="SubnetId")

    def create(aws: Endpoint) -> Created:
        return Created(aws.ec2.associate_route_table(**definition)["AssociationId"], {})

    return create


def route(_name: str, inputs: Inputs) -> Creation:
    """Lead to a network beyond the table's own, through a gateway."""
    definition = inputs.renamed(
        destinationCidrBlock="DestinationCidrBlock", gatewayId="GatewayId", routeTableId="RouteTableId"
    )

    def create(aws: Endpoint) -> Created:
        aws.ec2.create_route(**definition)
        # The provider's id of a route, which has none of its own.
        return Created(f"r-{definition['RouteTableId']}{definition['DestinationCidrBlock']}", {})

    return create


def flow_log(_name: str, inputs: Inputs) -> Creation:
    """Log the traffic of a network."""
    vpc_id = inputs.take("vpcId")
    definition = inputs.renamed(
        iamRoleArn="DeliverLogsPermissionArn",
        logDestination="LogDestination",
        logDestinationType="LogDestinationType",
        trafficType="TrafficType",
    )
    tags = inputs.take("tags", {})

    def create(aws: Endpoint) -> Created:
        made: Any = aws.ec2.create_flow_logs(
            ResourceType="VPC",
            ResourceIds=[vpc_id],
            TagSpecifications=tag_specifications("vpc-flow-log", tags),
            **definition,
        )
        (identity,) = made["FlowLogIds"]
        return Created(identity, {"arn": _arn(aws, "vpc-flow-log", identity), "tagsAll": tags})

    return create


def _arn(aws: Endpoint, kind: str, identity: str) -> str:
    account = aws.sts.get_caller_identity()["Account"]
    return f"arn:aws:ec2:{aws.region}:{account}:{kind}/{identity}"
