"""The kinds of values that settings of the network have."""

import ipaddress
import re
from typing import Annotated, Final

from pydantic import AfterValidator

from components.network.addresses import LONGEST_PREFIX, MOST_ZONES, SHORTEST_PREFIX
from components.settings.types import NETWORK_EXAMPLE, each_once, network, refusal

ADDRESS_EXAMPLE: Final = "<address>"
GATEWAY_EXAMPLE: Final = "<gateway id>"
NETWORK_CIDRS: Final = ("10.80.0.0/24", "172.28.80.0/24", "192.168.80.0/24")
"""What the private network may have; the first is the default, the others are for who has that already."""

NO_NETWORK: Final = "none"
"""How a setting says that a function runs in Lambda's own network."""

_GATEWAY: Final = re.compile(r"([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?", re.ASCII)
_ZONES: Final = re.compile(rf"[a-z]{{2,{MOST_ZONES}}}", re.ASCII)


def _premises(value: str) -> str:
    if isinstance(ipaddress.ip_network(network(value)), ipaddress.IPv6Network):
        raise refusal("it must be an IPv4 network: the private network has no IPv6", NETWORK_EXAMPLE)
    return value


def _private_network(value: str) -> str:
    addresses = ipaddress.ip_network(network(value))
    if isinstance(addresses, ipaddress.IPv6Network) or not addresses.is_private:
        raise refusal("it must be a network of private IPv4 addresses", NETWORK_CIDRS[0])
    if not SHORTEST_PREFIX <= addresses.prefixlen <= LONGEST_PREFIX:
        raise refusal(
            f"it must be between a /{SHORTEST_PREFIX} and a /{LONGEST_PREFIX}: its eighths become subnets",
            NETWORK_CIDRS[0],
        )
    return value


def _live_network(value: str) -> str:
    return value if value in ("", NO_NETWORK) else _private_network(value)


def _zones(value: str) -> str:
    if not _ZONES.fullmatch(value) or len(set(value)) != len(value):
        raise refusal(f"it must be the letters of 2 to {MOST_ZONES} different zones of the region", "ab")
    return value


def _public_address(value: str) -> str:
    if value:
        try:
            address = ipaddress.IPv4Address(value)
        except ValueError as error:
            raise refusal(f"it must be an IPv4 address ({error})", ADDRESS_EXAMPLE) from error
        if not address.is_global:
            raise refusal("it must be a public address: the VPN comes over the internet", ADDRESS_EXAMPLE)
    return value


def _direct_connect_gateway(value: str) -> str:
    if not _GATEWAY.fullmatch(value):
        raise refusal("it must be the id of a Direct Connect gateway, which is a UUID", GATEWAY_EXAMPLE)
    return value


PremisesNetworks = Annotated[tuple[Annotated[str, AfterValidator(_premises)], ...], AfterValidator(each_once)]
"""Networks in CIDR notation, IPv4, none of them everything, none twice."""

PrivateNetworkCidr = Annotated[str, AfterValidator(_private_network)]
"""Addresses of a VPC that can be divided into subnets."""

LiveNetwork = Annotated[str, AfterValidator(_live_network)]
"""Addresses of a private network, NO_NETWORK, or nothing where it goes without saying."""

ZoneLetters = Annotated[str, AfterValidator(_zones)]
"""Availability zones of the region by their letters: at least two, none twice."""

PublicAddress = Annotated[str, AfterValidator(_public_address)]
"""A public IPv4 address, or nothing."""

DirectConnectGatewayId = Annotated[str, AfterValidator(_direct_connect_gateway)]
"""A Direct Connect gateway, or nothing."""
