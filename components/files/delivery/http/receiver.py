"""An HTTP endpoint as the courier's receiver."""

from typing import Final

from components.files.delivery.courier.receiver import Receiver
from components.files.receiver_settings import ReceiverSettings
from components.network.outlet import Destination

DELIVERY: Final = "http"


def http_receiver(settings: ReceiverSettings) -> Receiver:
    """Return the endpoint that a stack names."""
    return Receiver(
        delivery=DELIVERY,
        url=settings.receiver_url,
        destination=Destination(address=settings.receiver_address, port=settings.receiver_port),
        environment={},
    )
