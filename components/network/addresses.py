"""The numbers of the network: how its addresses are divided, and what it is called in BGP."""

import ipaddress
from dataclasses import dataclass
from typing import Final

MOST_ZONES: Final = 4
_TIERS: Final = 2

LONGEST_PREFIX: Final = 25
"""The smallest network: its eighth is a /28, the smallest subnet of AWS."""

SHORTEST_PREFIX: Final = 16
"""The largest network: AWS's own limit for a VPC."""

AMAZON_ASN: Final = 64512
"""The network's own number in BGP, which is AWS's default."""


@dataclass(frozen=True)
class Addresses:
    """The subnets' networks in CIDR notation, by the letter of their zone.

    Attributes:
        function: where functions run.
        endpoints: where the interface endpoints are.
    """

    function: dict[str, str]
    endpoints: dict[str, str]


def divide(cidr: str, zones: str) -> Addresses:
    """Divide a network into eighths, and give each zone one for functions and one for endpoints.

    The place of a zone's subnets depends on its place among the letters alone: a zone that is added behind the others
    moves none of them.

    Args:
        cidr: the network, of a prefix between SHORTEST_PREFIX and LONGEST_PREFIX.
        zones: letters of at most MOST_ZONES zones.
    """
    parts = ipaddress.ip_network(cidr).subnets(prefixlen_diff=(_TIERS * MOST_ZONES - 1).bit_length())
    networks = [str(part) for part in parts]
    return Addresses(
        function=dict(zip(zones, networks[:MOST_ZONES], strict=False)),
        endpoints=dict(zip(zones, networks[MOST_ZONES:], strict=False)),
    )
