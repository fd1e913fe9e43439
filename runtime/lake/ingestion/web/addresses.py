"""Which addresses are on the public internet.

Python's `is_private` says no to several that are not public either: shared space of carriers, multicast, site-local
addresses, and IPv4 addresses inside IPv6 ones, whose translation leads wherever the IPv4 address does. So IPv4 is held
to the registry of special purposes, and IPv6 to what is given out at all, without what carries an IPv4 address.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

# IANA, "IPv4 Special-Purpose Address Registry", without those that are reachable from everywhere.
_NOT_PUBLIC: Final = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network; on Linux 0.0.0.0 is this machine
            "10.0.0.0/8",
            "100.64.0.0/10",  # between carriers and their customers
            "127.0.0.0/8",
            "169.254.0.0/16",  # link-local: credentials of EC2 and ECS
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",  # once relays of 6to4
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, and broadcast
        ),
    )
)
# IANA gives out addresses from this block alone. Outside it are loopback, link-local, site-local and unique local
# ones, multicast, IPv4-mapped ::ffff:0:0/96 and ::/96, and NAT64's 64:ff9b::/96 and 64:ff9b:1::/48.
_GIVEN_OUT: Final = IPv6Network("2000::/3")
_NOT_PUBLIC_6: Final = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocols, Teredo among them
            "2001:db8::/32",
            "2002::/16",  # 6to4
            "3fff::/20",
            "3ffe::/16",  # once the 6bone
        ),
    )
)


def is_public(address: str) -> bool:
    """Whether an address, as a resolver writes it, is on the public internet."""
    try:
        found = ip_address(address)
    except ValueError:  # what is no address, or one with the zone of an interface
        return False
    return _is_public_4(found) if isinstance(found, IPv4Address) else _is_public_6(found)


def _is_public_4(address: IPv4Address) -> bool:
    return not any(address in network for network in _NOT_PUBLIC)


def _is_public_6(address: IPv6Address) -> bool:
    return (
        address.scope_id is None
        and address in _GIVEN_OUT
        and not any(address in network for network in _NOT_PUBLIC_6)
        # ISATAP, whose interface identifier carries an IPv4 address in any network.
        and address.packed[8:12] not in {b"\x00\x00\x5e\xfe", b"\x02\x00\x5e\xfe"}
    )
