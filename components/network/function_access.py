"""Where the functions run: in Lambda's own network, in a private one, or on the way from one to another."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.naming import resource_name
from components.blocks.policy_document import Statement
from components.network.endpoints import NetworkLocation
from components.network.function_endpoints import FunctionEndpoints, FunctionEndpointsArgs
from components.network.outlet import Destination, Outlet
from components.network.private_network import PrivateNetwork, PrivateNetworkArgs
from components.settings.network_types import NETWORK_CIDRS, NO_NETWORK

_KEEP: Final = ["ec2:DeleteNetworkInterface", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"]
_LOOK: Final = ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"]
# With the longest name of a stack, six digits leave the role of the flow log within IAM's 64 characters.
_DIGITS: Final = 6


@dataclass(frozen=True, kw_only=True)
class FunctionAccessArgs:
    """Which networks there are, and what passes through their endpoints."""

    new: str | None
    """Addresses of the network that functions are deployed into; None is Lambda's own."""

    live: str | None
    """Addresses of the network that the live version is in, which is another one while it moves."""

    zones: str
    region: pulumi.Input[str]
    account: pulumi.Input[str]
    log_retention_days: int
    calls: Mapping[str, Sequence[Statement]]
    """What functions may do through the endpoints, by service."""


class FunctionAccess:
    """The networks that functions are in: none, one, or two while the live version moves from one to the other.

    A version keeps the network that it was published with, so a network stays as it is while a version in it is live,
    and nothing refuses either network. Moving takes two updates with a deployment in between (decision 20).
    """

    def __init__(self, args: FunctionAccessArgs) -> None:
        cidrs = [cidr for cidr in dict.fromkeys((args.new, args.live)) if cidr is not None]
        locations = {cidr: _location(cidr, args) for cidr in cidrs}
        self._endpoints = {cidr: _endpoints(cidr, location, args) for cidr, location in locations.items()}
        self._new_cidr = args.new
        self._new = self._endpoints.get(args.new or "")
        self._interfaces = pulumi.Output.concat("arn:aws:ec2:", args.region, ":", args.account, ":network-interface/*")
        self.vpc_ids: list[pulumi.Output[str]] = (
            [each.vpc_id for each in self._endpoints.values()] if args.new and args.live else []
        )
        """The networks outside which functions are refused; none while one of the two is Lambda's own."""

        self.routes: list[pulumi.Resource] = self._new.routes if self._new else []
        """What must be there before a function runs."""

        self.premises_location: NetworkLocation | None = locations.get(args.live or args.new or "")
        """Where those on the premises come in. It moves last, when the live version has moved."""
        if args.new != args.live:
            new, live = args.new or NO_NETWORK, args.live or NO_NETWORK
            pulumi.warn(
                f"The live version is taken to be in the network {live}, and new versions go to {new}: both are kept "
                f"and let in. When the live version has moved (baler deploy): pulumi config set baler:liveNetwork {new}"
                ", and pulumi up. See docs/runbooks/network-change.md"
            )

    def vpc_config(self) -> aws.lambda_.FunctionVpcConfigArgs | None:
        """Return a function's place in the network that functions are deployed into, if that is a private one."""
        return self._new.vpc_config() if self._new else None

    def endpoint(self, service: str, grants: Sequence[Statement]) -> list[pulumi.Resource]:
        """Declare the route to one more service, from the network that functions are deployed into if it is private.

        This is for a service that functions call about other functions, which are declared after the rest of the
        network. A network has one endpoint of a service: the first pipeline that asks for it has it to itself.

        Raises:
            ValueError: the network has one already.
        """
        return [self._new.endpoint(service, grants)] if self._new else []

    def outlet(self, part: str, destination: Destination, *, routes: Sequence[pulumi.Resource]) -> "OutletAccess":
        """Declare the way out for one function, in each network that a version of it may be in.

        Args:
            part: the function's name in the stack, "files-courier" for example.
            destination: where it leads.
            routes: what leads there from the network.
        """
        outlets = {cidr: each.outlet(_name(part, cidr), destination) for cidr, each in self._endpoints.items()}
        return OutletAccess(self, outlets, routes)

    def grant_connect(self) -> list[Statement]:
        """Let Lambda connect a function with its subnets, and refuse the same to the function's own code."""
        return self.grant_connect_with([each.group_arn for each in self._endpoints.values()])

    def grant_connect_with(self, group_arns: Sequence[pulumi.Input[str]]) -> list[Statement]:
        """Let Lambda connect a function with its subnets and these groups, and refuse the same to the function's code.

        Lambda makes the network interfaces with the function's role, which the code has too (Lambda developer guide,
        "Giving Lambda functions access to resources in an Amazon VPC"). A version whose role lost this right stops to
        run, so it lasts for all networks that versions are in.
        """
        if not self._endpoints:
            return []
        subnet_arns = [arn for endpoints in self._endpoints.values() for arn in endpoints.subnet_arns]
        return [
            {
                "Sid": "ConnectToSubnets",
                "Effect": "Allow",
                "Action": ["ec2:CreateNetworkInterface"],
                "Resource": [*subnet_arns, *group_arns, self._interfaces],
            },
            {
                "Sid": "KeepInterfaces",
                "Effect": "Allow",
                "Action": _KEEP,
                # Not those of our subnets alone: Lambda wants to know that it may, before there are any.
                "Resource": [self._interfaces],
            },
            {
                "Sid": "LookAtInterfaces",
                "Effect": "Allow",
                "Action": _LOOK,
                # EC2 has no resources to name for what only describes (AWS service authorization reference).
                "Resource": ["*"],
            },
            {
                "Sid": "DenyInterfacesToCode",
                "Effect": "Deny",
                "Action": ["ec2:CreateNetworkInterface", *_KEEP, *_LOOK],
                "Resource": ["*"],
                # Only the requests of a function's code carry the function's ARN; Lambda's own do not.
                "Condition": {"Null": {"lambda:SourceFunctionArn": "false"}},
            },
        ]

    def vpc_config_with(self, outlets: Mapping[str, Outlet]) -> aws.lambda_.FunctionVpcConfigArgs | None:
        """Return the place of a function that has outlets, by the networks' addresses."""
        return self._new.vpc_config(outlets[self._new_cidr]) if self._new and self._new_cidr else None


class OutletAccess:
    """Where a function runs that leaves the network for one address: as all others, in a security group of its own."""

    def __init__(
        self, access: FunctionAccess, outlets: Mapping[str, Outlet], routes: Sequence[pulumi.Resource]
    ) -> None:
        self._access = access
        self._outlets = outlets
        self.routes: list[pulumi.Resource] = [
            *access.routes,
            *(rule for outlet in outlets.values() for rule in outlet.rules),
            *routes,
        ]
        """What must be there before the function runs."""

    def vpc_config(self) -> aws.lambda_.FunctionVpcConfigArgs | None:
        """Return the function's place in the network that functions are deployed into, if that is a private one."""
        return self._access.vpc_config_with(self._outlets)

    def grant_connect(self) -> list[Statement]:
        """Let Lambda connect the function with its subnets, and refuse the same to the function's own code."""
        return self._access.grant_connect_with([outlet.group_arn for outlet in self._outlets.values()])


def _location(cidr: str, args: FunctionAccessArgs) -> NetworkLocation:
    network = PrivateNetwork(
        _name("network", cidr),
        PrivateNetworkArgs(
            region=args.region,
            account=args.account,
            cidr=cidr,
            zones=args.zones,
            log_retention_days=args.log_retention_days,
        ),
    )
    return NetworkLocation(network=network, region=args.region, account=args.account)


def _endpoints(cidr: str, location: NetworkLocation, args: FunctionAccessArgs) -> FunctionEndpoints:
    return FunctionEndpoints(
        _name("function-access", cidr),
        FunctionEndpointsArgs(location=location, calls=args.calls),
    )


def _name(part: str, cidr: str) -> str:
    """Name what is in a network after its addresses: a network with others is another one, beside the first."""
    if cidr == NETWORK_CIDRS[0]:
        return resource_name(part)
    return resource_name(f"{part}-{hashlib.sha256(cidr.encode()).hexdigest()[:_DIGITS]}")
