"""Site-to-site VPN. The emulator has the connection; there are no tunnels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.engine.resources.creation import Created, Creation
from sandbox.engine.resources.tags import tag_specifications

if TYPE_CHECKING:
    from sandbox.engine.endpoint import Endpoint
    from sandbox.engine.inputs import Inputs


def customer_gateway(_name: str, inputs: Inputs) -> Creation:
    """Describe the device at the other end."""
    definition = inputs.renamed(ipAddress="IpAddress", type="Type")
    bgp_asn = inputs.take("bgpAsn")
    tags = inputs.take("tags", {})

    def create(aws: Endpoint) -> Created:
        specifications = tag_specifications("customer-gateway", tags)
        # The provider has the number as text.
        made = aws.ec2.create_customer_gateway(BgpAsn=int(bgp_asn), TagSpecifications=specifications, **definition)[
            "CustomerGateway"
        ]
        return Created(made["CustomerGatewayId"], {"tagsAll": tags})

    return create


def vpn_gateway(_name: str, inputs: Inputs) -> Creation:
    """Create the end in the cloud, and attach it to its network."""
    amazon_side_asn = inputs.take("amazonSideAsn")
    vpc_id = inputs.take("vpcId")
    tags = inputs.take("tags", {})

    def create(aws: Endpoint) -> Created:
        made = aws.ec2.create_vpn_gateway(
            Type="ipsec.1",
            AmazonSideAsn=int(amazon_side_asn),
            TagSpecifications=tag_specifications("vpn-gateway", tags),
        )["VpnGateway"]
        aws.ec2.attach_vpn_gateway(VpcId=vpc_id, VpnGatewayId=made["VpnGatewayId"])
        return Created(made["VpnGatewayId"], {"tagsAll": tags})

    return create


def vpn_connection(_name: str, inputs: Inputs) -> Creation:
    """Connect both ends by two tunnels."""
    definition = inputs.renamed(customerGatewayId="CustomerGatewayId", type="Type", vpnGatewayId="VpnGatewayId")
    tunnels = [_tunnel(inputs, "tunnel1"), _tunnel(inputs, "tunnel2")]
    tags = inputs.take("tags", {})

    def create(aws: Endpoint) -> Created:
        made = aws.ec2.create_vpn_connection(
            Options={"TunnelOptions": tunnels},
            TagSpecifications=tag_specifications("vpn-connection", tags),
            **definition,
        )["VpnConnection"]
        return Created(made["VpnConnectionId"], {"tagsAll": tags})

    return create


def _tunnel(inputs: Inputs, tunnel: str) -> dict[str, list[dict[str, Any]]]:
    options = inputs.renamed(
        **{
            f"{tunnel}IkeVersions": "IKEVersions",
            f"{tunnel}Phase1DhGroupNumbers": "Phase1DHGroupNumbers",
            f"{tunnel}Phase1EncryptionAlgorithms": "Phase1EncryptionAlgorithms",
            f"{tunnel}Phase1IntegrityAlgorithms": "Phase1IntegrityAlgorithms",
            f"{tunnel}Phase2DhGroupNumbers": "Phase2DHGroupNumbers",
            f"{tunnel}Phase2EncryptionAlgorithms": "Phase2EncryptionAlgorithms",
            f"{tunnel}Phase2IntegrityAlgorithms": "Phase2IntegrityAlgorithms",
        }
    )
    return {option: [{"Value": value} for value in values] for option, values in options.items()}
