"""What the functions can reach from within a private network: the services that they call, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.policy_document import Statement
from components.network.endpoints import HTTPS, Door, Place, gateway_endpoint, interface_endpoint, let_through

# What it is in stacks that were deployed before there could be two of it. Otherwise an update would make all of it anew
# before it deletes the old, and EC2 refuses a second endpoint of a service with private names in a network.
_FORMERLY: Final = pulumi.Alias(type_="baler:function_access:FunctionAccess")


@dataclass(frozen=True, kw_only=True)
class FunctionEndpointsArgs:
    """What passes through the endpoint of each service."""

    place: Place
    s3: Sequence[Statement]
    dynamodb: Sequence[Statement]
    sqs: Sequence[Statement]
    """Not the receiving: Lambda polls the queue from outside the network."""

    xray: Sequence[Statement]
    """For the daemon beside the aggregator. Logs need no endpoint: Lambda takes them from the function itself."""


class FunctionEndpoints(pulumi.ComponentResource):
    """The functions' security group, which leads to a few endpoints, whose policies lead to this stack alone.

    Who may do what through them is said by each function's role.
    """

    def __init__(self, name: str, args: FunctionEndpointsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        formerly = pulumi.ResourceOptions(aliases=[_FORMERLY])
        super().__init__(
            "baler:function_endpoints:FunctionEndpoints", name, None, pulumi.ResourceOptions.merge(opts, formerly)
        )
        self._name = name
        self._place = args.place
        self._tier = args.place.network.function_tier
        child = pulumi.ResourceOptions(parent=self)
        self._group = aws.ec2.SecurityGroup(
            name,
            description="The functions: out to their endpoints, nothing in.",
            vpc_id=args.place.network.vpc_id,
            tags={"Name": name},
            opts=child,
        )
        endpoints = f"{name}-endpoints"
        self._endpoint_group = aws.ec2.SecurityGroup(
            endpoints,
            description="Endpoints of the functions: in from them, nothing out.",
            vpc_id=args.place.network.vpc_id,
            tags={"Name": endpoints},
            opts=child,
        )
        self.ways: list[pulumi.Resource] = [
            *self._tier.routed,
            aws.vpc.SecurityGroupIngressRule(
                endpoints,
                security_group_id=self._endpoint_group.id,
                description="From the functions",
                referenced_security_group_id=self._group.id,
                ip_protocol="tcp",
                from_port=HTTPS,
                to_port=HTTPS,
                opts=child,
            ),
            aws.vpc.SecurityGroupEgressRule(
                endpoints,
                security_group_id=self._group.id,
                description="To the interface endpoints",
                referenced_security_group_id=self._endpoint_group.id,
                ip_protocol="tcp",
                from_port=HTTPS,
                to_port=HTTPS,
                opts=child,
            ),
        ]
        """What must be there before the function runs."""
        for service, grants in (("s3", args.s3), ("dynamodb", args.dynamodb)):
            door = Door(place=args.place, service=service, policy=let_through(grants, args.place.account))
            gateway = gateway_endpoint(f"{name}-{service}", door, self._tier, child)
            way = aws.vpc.SecurityGroupEgressRule(
                f"{name}-{service}",
                security_group_id=self._group.id,
                description=f"To the gateway endpoint of {service}",
                prefix_list_id=gateway.prefix_list_id,
                ip_protocol="tcp",
                from_port=HTTPS,
                to_port=HTTPS,
                opts=child,
            )
            self.ways.append(way)
        for service, grants in (("sqs", args.sqs), ("xray", args.xray)):
            self.ways.append(self.endpoint(service, grants))
        self.vpc_id = args.place.network.vpc_id
        self.interface_homes: list[pulumi.Output[str]] = [*self._tier.subnet_arns, self._group.arn]
        """ARNs of what Lambda connects a function with."""
        self.register_outputs({"security_group_id": self._group.id})

    def endpoint(self, service: str, grants: Sequence[Statement]) -> aws.ec2.VpcEndpoint:
        """Declare an interface endpoint of a service, at which these grants may be used."""
        door = Door(place=self._place, service=service, policy=let_through(grants, self._place.account))
        return interface_endpoint(
            f"{self._name}-{service}",
            door,
            group=self._endpoint_group,
            private_dns=True,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def vpc_config(self) -> aws.lambda_.FunctionVpcConfigArgs:
        """Return a function's place in the network."""
        return aws.lambda_.FunctionVpcConfigArgs(subnet_ids=self._tier.subnet_ids, security_group_ids=[self._group.id])
