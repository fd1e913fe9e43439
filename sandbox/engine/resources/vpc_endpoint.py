"""Endpoints of services in a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.engine.resources.creation import Created, Creation
from sandbox.engine.resources.tags import tag_specifications
from sandbox.engine.waiting import wait_for_state

if TYPE_CHECKING:
    from sandbox.engine.endpoint import Endpoint
    from sandbox.engine.inputs import Inputs


def vpc_endpoint(name: str, inputs: Inputs) -> Creation:
    """Create a gateway or interface endpoint, and wait until it can be used."""
    definition = inputs.renamed(
        policy="PolicyDocument",
        privateDnsEnabled="PrivateDnsEnabled",
        routeTableIds="RouteTableIds",
        securityGroupIds="SecurityGroupIds",
        serviceName="ServiceName",
        subnetIds="SubnetIds",
        vpcEndpointType="VpcEndpointType",
        vpcId="VpcId",
    )
    tags = inputs.take("tags", {})

    def create(aws: Endpoint) -> Created:
        specifications = tag_specifications("vpc-endpoint", tags)
        made = aws.ec2.create_vpc_endpoint(TagSpecifications=specifications, **definition)["VpcEndpoint"]
        identity = made["VpcEndpointId"]
        wait_for_state(f"Endpoint {name}", "available", lambda: _described(aws, identity)["State"])
        account = aws.sts.get_caller_identity()["Account"]
        outputs = {
            "arn": f"arn:aws:ec2:{aws.region}:{account}:vpc-endpoint/{identity}",
            "dnsEntries": [
                {"dnsName": entry["DnsName"], "hostedZoneId": entry["HostedZoneId"]}
                for entry in _described(aws, identity).get("DnsEntries", [])
            ],
            "prefixListId": _prefix_list(aws, definition["ServiceName"]),
            "tagsAll": tags,
        }
        return Created(identity, {key: value for key, value in outputs.items() if value is not None})

    return create


def _described(aws: Endpoint, identity: str) -> Any:
    (found,) = aws.ec2.describe_vpc_endpoints(VpcEndpointIds=[identity])["VpcEndpoints"]
    return found


def _prefix_list(aws: Endpoint, service_name: str) -> str | None:
    """Return the list of the service's addresses, which those with gateway endpoints have."""
    filters = [{"Name": "prefix-list-name", "Values": [service_name]}]
    found = aws.ec2.describe_managed_prefix_lists(Filters=filters)["PrefixLists"]
    return found[0]["PrefixListId"] if found else None
