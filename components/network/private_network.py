"""The network that functions run in: a VPC that nothing leads out of."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.network.addresses import divide
from components.network.flow_logs import FlowLogs, FlowLogsArgs
from components.network.subnet_tier import SubnetTier, SubnetTierArgs


@dataclass(frozen=True, kw_only=True)
class PrivateNetworkArgs:
    """Where the network is, and how large."""

    region: pulumi.Input[str]
    account: pulumi.Input[str]
    cidr: str
    """Its addresses, which nothing may have that it is ever connected with."""

    zones: str
    """Letters of the availability zones in which it has subnets, "ab" for example."""

    log_retention_days: int
    """Days that the log of its traffic is kept."""


class PrivateNetwork(pulumi.ComponentResource):
    """A VPC without internet gateway or NAT, with two tiers of subnets and a log of its traffic.

    Functions have a tier to themselves, whose route table gets no route to the premises: what is learnt from there over
    VPN or Direct Connect, a default route even, reaches the endpoints' tier alone.
    """

    def __init__(self, name: str, args: PrivateNetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:private_network:PrivateNetwork", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        vpc = aws.ec2.Vpc(
            name,
            cidr_block=args.cidr,
            # Both are needed for the endpoints to answer under the services' own names.
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags={"Name": name},
            opts=child,
        )
        # What names no group would get this one; as AWS makes it, it lets everything out. Without rules it is a trap.
        aws.ec2.DefaultSecurityGroup(name, vpc_id=vpc.id, tags={"Name": f"{name}-unused"}, opts=child)
        FlowLogs(
            name,
            FlowLogsArgs(
                vpc_id=vpc.id, region=args.region, account=args.account, retention_days=args.log_retention_days
            ),
            child,
        )
        addresses = divide(args.cidr, args.zones)
        self.function_tier = SubnetTier(
            f"{name}-function",
            SubnetTierArgs(vpc_id=vpc.id, region=args.region, cidrs=addresses.function),
            child,
        )
        self.endpoint_tier = SubnetTier(
            f"{name}-endpoints",
            SubnetTierArgs(vpc_id=vpc.id, region=args.region, cidrs=addresses.endpoints),
            child,
        )
        self.cidr = args.cidr
        self.vpc_id: pulumi.Output[str] = vpc.id
        self.register_outputs({"vpc_id": self.vpc_id})
