"""Where a stack's functions run, and how those on the premises come in."""

import ipaddress
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from components.network.addresses import AMAZON_ASN
from components.network.on_premises_link import DirectConnect, VpnDevice
from components.settings.model import SettingsModel
from components.settings.network_types import (
    ADDRESS_EXAMPLE,
    GATEWAY_EXAMPLE,
    NETWORK_CIDRS,
    NO_NETWORK,
    DirectConnectGatewayId,
    LiveNetwork,
    PremisesNetworks,
    PrivateNetworkCidr,
    PublicAddress,
    ZoneLetters,
)
from components.settings.types import NETWORK_EXAMPLE, refusal


class NetworkSettings(SettingsModel):
    """The private network, and at most one line to the premises."""

    private_network: bool = True
    """Run functions in a network without a way to the internet; false runs them in Lambda's own."""

    vpn_gateway_address: Annotated[PublicAddress, Field(examples=[ADDRESS_EXAMPLE])] = ""
    """Public IPv4 address of the VPN device on the premises. Empty makes no VPN."""

    vpn_gateway_asn: Annotated[int, Field(ge=1, le=2147483647)] = 65000
    """Number of the VPN device in BGP, which it must speak."""

    direct_connect_gateway_id: Annotated[DirectConnectGatewayId, Field(examples=[GATEWAY_EXAMPLE])] = ""
    """Id of this account's Direct Connect gateway that leads to the premises. Empty uses none; not with a VPN."""

    on_premises_cidrs: Annotated[PremisesNetworks, Field(examples=[NETWORK_EXAMPLE])] = ()
    """Networks of the premises, which come in through private endpoints alone. Empty makes no endpoint for them."""

    network_cidr: PrivateNetworkCidr = NETWORK_CIDRS[0]
    """Addresses of the private network, between a /16 and a /25; none that the premises have."""

    network_zones: ZoneLetters = "ab"
    """Letters of the availability zones that the private network is in, two to four; others may be added later."""

    live_network: Annotated[LiveNetwork, Field(examples=[NETWORK_CIDRS[0]])] = ""
    """networkCidr, or none, of the live version, whose network is kept and let in until this changes too."""

    @property
    def network_of_new_versions(self) -> str | None:
        """The addresses of the network that functions are deployed into; None is Lambda's own."""
        return self.network_cidr if self.private_network else None

    @property
    def network_of_live_version(self) -> str | None:
        """The addresses of the network that live versions are in; None is Lambda's own."""
        return None if self.live_network == NO_NETWORK else self.live_network or NETWORK_CIDRS[0]

    @property
    def on_premises_line(self) -> VpnDevice | DirectConnect | None:
        """The private line to the premises that the stack makes, if any."""
        if self.vpn_gateway_address:
            return VpnDevice(address=self.vpn_gateway_address, asn=self.vpn_gateway_asn)
        return DirectConnect(gateway_id=self.direct_connect_gateway_id) if self.direct_connect_gateway_id else None

    @field_validator("vpn_gateway_address", "direct_connect_gateway_id", "on_premises_cidrs")
    @classmethod
    def _the_premises_meet_a_network(cls, value: str | tuple[str, ...], info: ValidationInfo) -> str | tuple[str, ...]:
        if value and info.data.get("private_network") is False:
            raise refusal("it needs the private network, and baler:privateNetwork is false", "")
        return value

    @field_validator("vpn_gateway_asn")
    @classmethod
    def _two_sides_have_two_numbers(cls, value: int) -> int:
        if value == AMAZON_ASN:
            raise refusal("it must not be the number of AWS's side", 65000)
        return value

    @field_validator("direct_connect_gateway_id")
    @classmethod
    def _one_line_is_enough(cls, value: str, info: ValidationInfo) -> str:
        if value and info.data.get("vpn_gateway_address"):
            raise refusal("there is a VPN already, and baler:vpnGatewayAddress is its device: keep one of the two", "")
        return value

    @field_validator("on_premises_cidrs")
    @classmethod
    def _a_line_leads_somewhere(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        for name, key in (
            ("vpn_gateway_address", "baler:vpnGatewayAddress"),
            ("direct_connect_gateway_id", "baler:directConnectGatewayId"),
        ):
            if not value and info.data.get(name):
                raise refusal(f"{key} leads to the premises, so it must name their networks", NETWORK_EXAMPLE)
        return value

    @field_validator("network_cidr")
    @classmethod
    def _the_premises_are_elsewhere(cls, value: str, info: ValidationInfo) -> str:
        premises: tuple[str, ...] = info.data.get("on_premises_cidrs", ())
        if met := [cidr for cidr in premises if _overlap(cidr, value)]:
            raise refusal(f"it overlaps {met[0]} of baler:onPremisesCidrs", _elsewhere(premises))
        return value

    @field_validator("live_network")
    @classmethod
    def _where_the_live_version_is_goes_without_saying_by_default_alone(cls, value: str, info: ValidationInfo) -> str:
        private, cidr = info.data.get("private_network"), info.data.get("network_cidr")
        if value or private is None or cidr is None:
            return value
        wanted = cidr if private else NO_NETWORK
        if wanted != NETWORK_CIDRS[0]:
            raise refusal(
                "baler:privateNetwork and baler:networkCidr put new versions elsewhere than into the default network, "
                f"so say where the live version is: {NETWORK_CIDRS[0]} where this stack runs with the defaults, else "
                f"the network that it has, and {wanted} where nothing is deployed yet. See "
                "docs/runbooks/network-change.md",
                NETWORK_CIDRS[0],
            )
        return value


def _overlap(one: str, other: str) -> bool:
    return ipaddress.IPv4Network(one).overlaps(ipaddress.IPv4Network(other))


def _elsewhere(premises: Sequence[str]) -> str:
    free = (cidr for cidr in NETWORK_CIDRS if not any(_overlap(cidr, taken) for taken in premises))
    return next(free, NETWORK_EXAMPLE)
