"""VPC endpoints: the ways from the network to a service, each with a policy of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.policy_document import Statement, policy_document
from components.network.private_network import PrivateNetwork
from components.network.subnet_tier import SubnetTier

HTTPS: Final = 443


@dataclass(frozen=True, kw_only=True)
class NetworkLocation:
    """Where endpoints are."""

    network: PrivateNetwork
    region: pulumi.Input[str]
    account: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class EndpointSpec:
    """An endpoint to be."""

    location: NetworkLocation
    service: str
    """As the names of endpoints have it, "sqs" for example."""

    policy: pulumi.Output[str]
    """What it lets through."""

    @property
    def service_name(self) -> pulumi.Output[str]:
        """The full name of the service's endpoints, `com.amazonaws.eu-west-2.sqs` for example."""
        return pulumi.Output.concat("com.amazonaws.", self.location.region, ".", self.service)


def let_through(grants: Sequence[Statement], account: pulumi.Input[str]) -> pulumi.Output[str]:
    """Return a policy that lets these unconditional allowances through for callers of the account, and nothing else.

    So whoever brings credentials of another account into the network cannot use them to carry data out. The callers
    are named by a condition, since a gateway endpoint takes no principal but everybody (AWS PrivateLink guide,
    "Control access to VPC endpoints using endpoint policies").
    """
    condition = {"StringEquals": {"aws:PrincipalAccount": account}}
    return policy_document([{**grant, "Principal": "*", "Condition": condition} for grant in grants])


def gateway_endpoint(
    name: str, spec: EndpointSpec, tier: SubnetTier, opts: pulumi.ResourceOptions
) -> aws.ec2.VpcEndpoint:
    """Declare a route to a service for a tier of subnets. It costs nothing, and only S3 and DynamoDB have one."""
    return aws.ec2.VpcEndpoint(
        name,
        vpc_endpoint_type="Gateway",
        vpc_id=spec.location.network.vpc_id,
        service_name=spec.service_name,
        route_table_ids=[tier.route_table_id],
        policy=spec.policy,
        tags={"Name": name},
        opts=opts,
    )


def interface_endpoint(
    name: str,
    spec: EndpointSpec,
    *,
    group: aws.ec2.SecurityGroup,
    private_dns: bool,
    opts: pulumi.ResourceOptions,
) -> aws.ec2.VpcEndpoint:
    """Declare an address of a service in each subnet of the endpoint tier.

    Args:
        name: logical name.
        spec: where it is, of which service, and what passes.
        group: what may reach it.
        private_dns: whether the network finds it under the service's own name.
        opts: options of the resource.
    """
    return aws.ec2.VpcEndpoint(
        name,
        vpc_endpoint_type="Interface",
        vpc_id=spec.location.network.vpc_id,
        service_name=spec.service_name,
        subnet_ids=spec.location.network.endpoint_tier.subnet_ids,
        security_group_ids=[group.id],
        private_dns_enabled=private_dns,
        policy=spec.policy,
        tags={"Name": name},
        opts=opts,
    )
