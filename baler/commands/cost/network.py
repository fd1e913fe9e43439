"""Lines of the bill for the private network and for what leaves AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from baler.commands.cost.bill import BillPart, Line, line
from baler.commands.cost.traffic import HOURS_PER_MONTH
from baler.prices import GIGABYTE

if TYPE_CHECKING:
    from baler.commands.cost.settings import StackSettings
    from baler.commands.cost.traffic import Traffic

# Interface endpoints of the functions (SQS, X-Ray, Lambda) and of the consumer (S3, STS). Those of S3 and DynamoDB
# that the functions use are gateways, and cost nothing.
FUNCTION_ENDPOINTS: Final = 3
# Beside them, of a pushed delivery, and without those of the consumer: Secrets Manager.
COURIER_ENDPOINTS: Final = 1
CONSUMER_ENDPOINTS: Final = 2


def network_lines(traffic: Traffic, settings: StackSettings) -> list[Line]:
    """Return the lines for endpoints, the line to the premises, and the bundles that leave."""
    out = traffic.bundles * traffic.bundle_bytes / GIGABYTE
    return [*_ways(settings, out), _leaving(settings, out)]


def _ways(settings: StackSettings, out: float) -> list[Line]:
    if not settings.private_network:
        return []
    zones = len(settings.network_zones)
    hours = zones * HOURS_PER_MONTH
    lines = [
        line(
            BillPart.NETWORK,
            "endpoints of the functions",
            FUNCTION_ENDPOINTS * hours,
            "endpoint_hour",
            f"SQS, X-Ray, Lambda in {zones} zones",
        )
    ]
    if settings.pushed:
        where = f"Secrets Manager in {zones} zones"
        lines.append(
            line(BillPart.NETWORK, "endpoint of the courier", COURIER_ENDPOINTS * hours, "endpoint_hour", where)
        )
    elif settings.on_premises_cidrs:
        lines += [
            line(
                BillPart.NETWORK,
                "endpoints of the consumer",
                CONSUMER_ENDPOINTS * hours,
                "endpoint_hour",
                f"S3, STS in {zones} zones",
            ),
            line(BillPart.NETWORK, "bundles through them", out, "endpoint_data"),
        ]
    if settings.vpn_gateway_address:
        lines.append(line(BillPart.NETWORK, "VPN", HOURS_PER_MONTH, "vpn_hour"))
    return lines


def _leaving(settings: StackSettings, out: float) -> Line:
    if settings.direct_connect_gateway_id:
        note = "its port and the provider's part are not this stack's, and not in here"
        return line(BillPart.TRANSFER, "bundles over Direct Connect", out, "data_out_direct_connect", note)
    way = "the VPN" if settings.vpn_gateway_address else "the internet"
    return line(BillPart.TRANSFER, f"bundles over {way}", out, "data_out", "what comes in costs nothing")
