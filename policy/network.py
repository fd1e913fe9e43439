"""Rules about the network: nothing leads out of it, nothing that is open leads in, and its traffic is recorded."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from policy.rule import Declared, ResourceRule, StackRule, pointing_at

_EVERYWHERE: Final = ("0.0.0.0/0", "::/0")
_WAYS_OUT: Final = (
    "aws:ec2/internetGateway:",
    "aws:ec2/internetGatewayAttachment:",
    "aws:ec2/egressOnlyInternetGateway:",
    "aws:ec2/natGateway:",
    "aws:ec2/eip:",
)
_PEERS: Final = ("cidrIpv4", "cidrIpv6", "cidrBlocks", "ipv6CidrBlocks")
_RULES: Final = ("aws:vpc/securityGroup", "aws:ec2/securityGroup")
_ENDPOINT: Final = "aws:ec2/vpcEndpoint:VpcEndpoint"


def _way_to_the_internet(declared: Declared, _stack: str) -> Iterator[str]:
    if declared.type.startswith(_WAYS_OUT):
        yield "It leads to the internet: what the function calls is reached through VPC endpoints."
    if declared.type == "aws:ec2/subnet:Subnet" and declared.props.get("mapPublicIpOnLaunch"):
        yield "What is in it would get a public address: leave mapPublicIpOnLaunch out."
    routes = (declared.props, *declared.listed("routes"))
    if declared.type.startswith(("aws:ec2/route:", "aws:ec2/routeTable:")) and any(map(_leads_everywhere, routes)):
        yield "It routes to everywhere: route to networks that can be named."


def _leads_everywhere(route: Any) -> bool:
    keys = ("destinationCidrBlock", "destinationIpv6CidrBlock", "cidrBlock", "ipv6CidrBlock")
    return any(route.get(key) in _EVERYWHERE for key in keys)


def _open_group(declared: Declared, _stack: str) -> Iterator[str]:
    if not declared.type.startswith(_RULES):
        return
    for rule in (declared.props, *declared.listed("ingress"), *declared.listed("egress")):
        for key in _PEERS:
            peers = rule.get(key) or ()
            if any(everywhere in peers for everywhere in _EVERYWHERE):
                yield f"It lets everywhere in or out ({key}): name the network, the group or the prefix list."
        if (rule.get("ipProtocol") or rule.get("protocol")) == "-1":
            yield "It lets every protocol and port through: name them."


def _wide_way_out(declared: Declared, _stack: str) -> Iterator[str]:
    if declared.type.startswith("aws:ec2/route:") and not _is_one_address(declared.props.get("destinationCidrBlock")):
        yield "It leads to more than one address: route to that of what is called there, with /32."
    for rule in _ways_out(declared):
        addresses = [rule.get("cidrIpv4"), rule.get("cidrIpv6"), *rule.get("cidrBlocks", ())]
        named = [address for address in (*addresses, *rule.get("ipv6CidrBlocks", ())) if address]
        if not all(map(_is_one_address, named)):
            yield f"It leads to more than one address ({', '.join(named)}): name that of what is called, with /32."
        if named and rule.get("fromPort") != rule.get("toPort"):
            yield "It leads to more than one port: name that of what is called."


def _ways_out(declared: Declared) -> list[Mapping[str, Any]]:
    """Return the rules in a declaration that let something out."""
    if declared.type.startswith("aws:vpc/securityGroupEgressRule:"):
        return [declared.props]
    if declared.type.startswith("aws:ec2/securityGroupRule:") and declared.props.get("type") == "egress":
        return [declared.props]
    return declared.listed("egress") if declared.type.startswith("aws:ec2/securityGroup:") else []


def _is_one_address(cidr: Any) -> bool:
    return str(cidr).endswith("/128" if ":" in str(cidr) else "/32")


def _unrecorded(resources: Sequence[Declared]) -> Iterator[tuple[Declared, str]]:
    for network in resources:
        recorded = any(pointing_at(network, resources, ("aws:ec2/flowLog:FlowLog",), "vpcId"))
        if network.type == "aws:ec2/vpc:Vpc" and not recorded:
            yield network, "Nobody could tell later who talked to whom: give it a FlowLog."


def _open_endpoint(declared: Declared, _stack: str) -> Iterator[str]:
    if declared.type == _ENDPOINT and not declared.props.get("policy"):
        yield "It lets every request of everybody through: give it a policy."


RULES: Final = (
    ResourceRule("no-way-to-the-internet", "Nothing leads from the network to the internet.", _way_to_the_internet),
    ResourceRule("security-group-names-its-peers", "A security group says whom it lets in and out.", _open_group),
    ResourceRule("way-out-names-one-address", "A function that leaves names its target.", _wide_way_out),
    StackRule("network-is-recorded", "A network has a log of its traffic.", _unrecorded),
    ResourceRule("endpoint-has-a-policy", "An endpoint says what passes through it.", _open_endpoint),
)
