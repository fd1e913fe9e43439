"""An S3-compatible store as the courier's receiver."""

from typing import Final

from components.files.delivery.courier.receiver import Receiver
from components.files.receiver_settings import ReceiverSettings
from components.network.outlet import Destination

DELIVERY: Final = "s3"


def s3_receiver(settings: ReceiverSettings) -> Receiver:
    """Return the store that a stack names."""
    return Receiver(
        delivery=DELIVERY,
        url=settings.receiver_url,
        destination=Destination(address=settings.receiver_address, port=settings.receiver_port),
        environment={
            "RECEIVER_BUCKET": settings.receiver_bucket,
            "RECEIVER_PREFIX": settings.receiver_prefix,
            "RECEIVER_REGION": settings.receiver_region,
            "RECEIVER_PATH_STYLE": _said(settings.receiver_path_style),
            "RECEIVER_CONDITIONAL_PUTS": _said(settings.receiver_conditional_puts),
            "RECEIVER_VERIFY_BY_READ": _said(settings.receiver_verify_by_read),
            "RECEIVER_CHECKSUMS": settings.receiver_checksums,
        },
    )


def _said(value: bool) -> str:  # noqa: FBT001 - what is written
    return str(value).lower()
