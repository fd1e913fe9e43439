"""Subnets of one purpose, a zone each, that share a route table."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True)
class SubnetTierArgs:
    """Where the subnets are."""

    vpc_id: pulumi.Input[str]
    region: pulumi.Input[str]
    cidrs: Mapping[str, str]
    """The network of each subnet, by the letter of its zone."""


class SubnetTier(pulumi.ComponentResource):
    """Private subnets. Their route table knows the VPC itself and what is added to it, never a way to the internet."""

    def __init__(self, name: str, args: SubnetTierArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:subnet_tier:SubnetTier", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        table = aws.ec2.RouteTable(name, vpc_id=args.vpc_id, tags={"Name": name}, opts=child)
        subnets = [
            aws.ec2.Subnet(
                f"{name}-{zone}",
                vpc_id=args.vpc_id,
                availability_zone=pulumi.Output.concat(args.region, zone),
                cidr_block=cidr,
                tags={"Name": f"{name}-{zone}"},
                opts=child,
            )
            for zone, cidr in args.cidrs.items()
        ]
        self.routed: list[pulumi.Resource] = [
            aws.ec2.RouteTableAssociation(f"{name}-{zone}", subnet_id=subnet.id, route_table_id=table.id, opts=child)
            for zone, subnet in zip(args.cidrs, subnets, strict=True)
        ]
        """What gives the subnets their routes; before, they have those of the VPC's own table: none."""

        self.route_table_id: pulumi.Output[str] = table.id
        self.subnet_ids: list[pulumi.Output[str]] = [subnet.id for subnet in subnets]
        self.subnet_arns: list[pulumi.Output[str]] = [subnet.arn for subnet in subnets]
        self.register_outputs({"route_table_id": self.route_table_id, "subnet_ids": self.subnet_ids})
