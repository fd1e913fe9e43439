"""The private line between the premises and the network: a VPN of our own, or an existing Direct Connect."""

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.network.addresses import AMAZON_ASN
from components.network.private_network import PrivateNetwork

# The strongest that most devices have. AWS would also agree to IKEv1, AES-128, SHA-1 and Diffie-Hellman group 2
# (Site-to-Site VPN user guide, "Tunnel options").
_IKE: Final = ["ikev2"]
_ENCRYPTION: Final = ["AES256", "AES256-GCM-16"]
_INTEGRITY: Final = ["SHA2-256", "SHA2-384", "SHA2-512"]
_DH_GROUPS: Final = [14, 15, 16, 17, 18, 19, 20, 21]


@dataclass(frozen=True, kw_only=True)
class VpnDevice:
    """The device on the premises at which both tunnels of the VPN end."""

    address: str
    """Its public IPv4 address."""

    asn: int
    """Its number in BGP, over which each side learns the other's networks."""


@dataclass(frozen=True, kw_only=True)
class DirectConnect:
    """A Direct Connect gateway that this account has."""

    gateway_id: str


@dataclass(frozen=True, kw_only=True)
class OnPremisesLinkArgs:
    """What is linked, and how."""

    network: PrivateNetwork
    """Its addresses are announced to the premises."""

    line: VpnDevice | DirectConnect


class OnPremisesLink(pulumi.ComponentResource):
    """A virtual private gateway at the end of the line.

    What is learnt from the premises reaches the endpoints' subnets alone. The functions' subnets learn nothing: they
    get a route to each single address that a function has to reach, whatever the premises announce.
    """

    def __init__(self, name: str, args: OnPremisesLinkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:on_premises_link:OnPremisesLink", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self._function_table_id = args.network.function_tier.route_table_id
        gateway = aws.ec2.VpnGateway(
            name, vpc_id=args.network.vpc_id, amazon_side_asn=str(AMAZON_ASN), tags={"Name": name}, opts=child
        )
        aws.ec2.VpnGatewayRoutePropagation(
            name,
            vpn_gateway_id=gateway.id,
            route_table_id=args.network.endpoint_tier.route_table_id,
            opts=child,
        )
        match args.line:
            case VpnDevice() as device:
                _connect(name, gateway, device, child)
            case DirectConnect(gateway_id=gateway_id):
                aws.directconnect.GatewayAssociation(
                    name,
                    dx_gateway_id=gateway_id,
                    associated_gateway_id=gateway.id,
                    allowed_prefixes=[args.network.cidr],
                    opts=child,
                )
        self._gateway_id: pulumi.Output[str] = gateway.id
        self.register_outputs({"gateway_id": gateway.id})

    def lead_to(self, name: str, address: str) -> pulumi.Resource:
        """Declare the route from the functions' subnets to one IPv4 address on the premises."""
        return aws.ec2.Route(
            name,
            route_table_id=self._function_table_id,
            destination_cidr_block=f"{address}/32",
            gateway_id=self._gateway_id,
            opts=pulumi.ResourceOptions(parent=self),
        )


def _connect(name: str, gateway: aws.ec2.VpnGateway, device: VpnDevice, opts: pulumi.ResourceOptions) -> None:
    customer = aws.ec2.CustomerGateway(
        name,
        type="ipsec.1",
        ip_address=device.address,
        bgp_asn=str(device.asn),
        tags={"Name": name},
        opts=opts,
    )
    # AWS makes up the keys of the tunnels; Pulumi keeps them as secrets in its state.
    aws.ec2.VpnConnection(
        name,
        type="ipsec.1",
        customer_gateway_id=customer.id,
        vpn_gateway_id=gateway.id,
        tunnel1_ike_versions=_IKE,
        tunnel1_phase1_encryption_algorithms=_ENCRYPTION,
        tunnel1_phase1_integrity_algorithms=_INTEGRITY,
        tunnel1_phase1_dh_group_numbers=_DH_GROUPS,
        tunnel1_phase2_encryption_algorithms=_ENCRYPTION,
        tunnel1_phase2_integrity_algorithms=_INTEGRITY,
        tunnel1_phase2_dh_group_numbers=_DH_GROUPS,
        tunnel2_ike_versions=_IKE,
        tunnel2_phase1_encryption_algorithms=_ENCRYPTION,
        tunnel2_phase1_integrity_algorithms=_INTEGRITY,
        tunnel2_phase1_dh_group_numbers=_DH_GROUPS,
        tunnel2_phase2_encryption_algorithms=_ENCRYPTION,
        tunnel2_phase2_integrity_algorithms=_INTEGRITY,
        tunnel2_phase2_dh_group_numbers=_DH_GROUPS,
        tags={"Name": name},
        opts=opts,
    )
