"""The way out for one function: to the endpoints, as all functions have it, and to one address beyond the line."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.network.endpoints import HTTPS


@dataclass(frozen=True, kw_only=True)
class Destination:
    """Where a function goes beside the endpoints."""

    address: str
    """An IPv4 address."""

    port: int
    """Of TCP."""


@dataclass(frozen=True, kw_only=True)
class OutletArgs:
    """Where the function goes, and the endpoints' groups in its network."""

    destination: Destination
    vpc_id: pulumi.Input[str]
    endpoint_group_id: pulumi.Input[str]
    """The security group of the interface endpoints."""

    prefix_list_ids: Mapping[str, pulumi.Input[str]]
    """What stands for the addresses of services with gateway endpoints, by service."""


class Outlet(pulumi.ComponentResource):
    """A security group that one function has to itself: the others' group leads to no address of the premises."""

    def __init__(self, name: str, args: OutletArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:outlet:Outlet", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        group = aws.ec2.SecurityGroup(
            name,
            description="A function that leaves: out to the endpoints and to one address, nothing in.",
            vpc_id=args.vpc_id,
            tags={"Name": name},
            opts=child,
        )
        destination = args.destination
        self.rules: list[pulumi.Resource] = [
            aws.vpc.SecurityGroupEgressRule(
                f"{name}-receiver",
                security_group_id=group.id,
                description="To the receiver alone",
                cidr_ipv4=f"{destination.address}/32",
                ip_protocol="tcp",
                from_port=destination.port,
                to_port=destination.port,
                opts=child,
            ),
            aws.vpc.SecurityGroupEgressRule(
                f"{name}-endpoints",
                security_group_id=group.id,
                description="To the interface endpoints",
                referenced_security_group_id=args.endpoint_group_id,
                ip_protocol="tcp",
                from_port=HTTPS,
                to_port=HTTPS,
                opts=child,
            ),
            aws.vpc.SecurityGroupIngressRule(
                f"{name}-endpoints",
                security_group_id=args.endpoint_group_id,
                description=f"From {name}",
                referenced_security_group_id=group.id,
                ip_protocol="tcp",
                from_port=HTTPS,
                to_port=HTTPS,
                opts=child,
            ),
            *(
                aws.vpc.SecurityGroupEgressRule(
                    f"{name}-{service}",
                    security_group_id=group.id,
                    description=f"To the gateway endpoint of {service}",
                    prefix_list_id=prefix_list_id,
                    ip_protocol="tcp",
                    from_port=HTTPS,
                    to_port=HTTPS,
                    opts=child,
                )
                for service, prefix_list_id in args.prefix_list_ids.items()
            ),
        ]
        """What must be there before the function runs."""

        self.group_id: pulumi.Output[str] = group.id
        self.group_arn: pulumi.Output[str] = group.arn
        self.register_outputs({"security_group_id": self.group_id})
