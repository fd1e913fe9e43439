"""The line between the premises and the network."""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Deploy, Deployed

PREMISES = ["192.168.0.0/16"]
GATEWAY = "baler-prod-on-premises-1a2b3c4"
DIRECT_CONNECT = "01234567-89ab-cdef-0123-456789abcdef"


@pytest.fixture
def vpn(deploy: "Deploy") -> "Deployed":
    return deploy(
        "prod",
        settings={
            "baler:vpnGatewayAddress": "198.41.0.4",
            "baler:vpnGatewayAsn": 65010,
            "baler:onPremisesCidrs": PREMISES,
        },
    )


@pytest.fixture
def direct_connect(deploy: "Deploy") -> "Deployed":
    settings = {"baler:directConnectGatewayId": DIRECT_CONNECT, "baler:onPremisesCidrs": PREMISES}
    return deploy("prod", settings=settings)


@pytest.mark.requirement("PULL-NFR-10")
def test_a_vpn_connects_the_device_with_the_network(vpn: "Deployed") -> None:
    device = vpn.one("ec2/customerGateway:CustomerGateway", "on-premises").inputs
    assert (device["ipAddress"], device["bgpAsn"], device["type"]) == ("198.41.0.4", "65010", "ipsec.1")
    gateway = vpn.one("ec2/vpnGateway:VpnGateway", "on-premises").inputs
    assert gateway["vpcId"] == "baler-prod-network-1a2b3c4"
    connection = vpn.one("ec2/vpnConnection:VpnConnection", "on-premises").inputs
    assert (connection["customerGatewayId"], connection["vpnGatewayId"]) == (GATEWAY, GATEWAY)
    assert not vpn.all("directconnect/gatewayAssociation:GatewayAssociation")


@pytest.mark.requirement("PULL-NFR-06", "PULL-NFR-10")
@pytest.mark.parametrize("tunnel", ["tunnel1", "tunnel2"])
def test_a_tunnel_agrees_to_strong_keys_alone(vpn: "Deployed", tunnel: str) -> None:
    connection = vpn.one("ec2/vpnConnection:VpnConnection", "on-premises").inputs
    assert connection[f"{tunnel}IkeVersions"] == ["ikev2"]
    for phase in ("Phase1", "Phase2"):
        assert set(connection[f"{tunnel}{phase}EncryptionAlgorithms"]) == {"AES256", "AES256-GCM-16"}
        assert not {"SHA1", "MD5"} & set(connection[f"{tunnel}{phase}IntegrityAlgorithms"])
        assert min(connection[f"{tunnel}{phase}DhGroupNumbers"]) >= 14


def test_the_keys_of_the_tunnels_are_not_in_the_program(vpn: "Deployed") -> None:
    connection = vpn.one("ec2/vpnConnection:VpnConnection", "on-premises").inputs
    assert not [key for key in connection if "presharedkey" in key.lower()]


@pytest.mark.requirement("PULL-NFR-10")
def test_direct_connect_announces_the_network_and_no_more(direct_connect: "Deployed") -> None:
    association = direct_connect.one("directconnect/gatewayAssociation:GatewayAssociation", "on-premises").inputs
    assert association == {
        "dxGatewayId": DIRECT_CONNECT,
        "associatedGatewayId": GATEWAY,
        "allowedPrefixes": ["10.80.0.0/24"],
    }
    assert not direct_connect.all("ec2/vpnConnection:VpnConnection")


@pytest.mark.requirement("PULL-NFR-10")
@pytest.mark.parametrize("line", ["vpn", "direct_connect"])
def test_routes_to_the_premises_reach_the_endpoints_and_not_the_function(
    request: pytest.FixtureRequest, line: str
) -> None:
    deployed: Any = request.getfixturevalue(line)
    (propagation,) = deployed.all("ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation")
    assert propagation.inputs == {
        "vpnGatewayId": GATEWAY,
        "routeTableId": "baler-prod-network-endpoints-1a2b3c4",
    }


@pytest.mark.parametrize("settings", [{}, {"baler:onPremisesCidrs": PREMISES}])
def test_there_is_no_line_that_nobody_asked_for(deploy: "Deploy", settings: dict[str, Any]) -> None:
    deployed = deploy("prod", settings=settings)
    assert not [r for r in deployed.resources if "vpn" in r.type.lower() or "directconnect" in r.type.lower()]
