"""How bundles leave the mailbox, and which settings belong to which way."""

from collections.abc import Sequence
from typing import Any, Final, Literal

from pydantic import ValidationInfo, field_validator

from components.settings.model import PipelineSettings, qualified, shared
from components.settings.network_types import ADDRESS_EXAMPLE, GATEWAY_EXAMPLE
from components.settings.types import refusal, unset

PULLED: Final = ("pull",)
PUSHED: Final = ("http", "s3")
"""The deliveries of the courier."""


class DeliverySettings(PipelineSettings):
    """The choice of the delivery."""

    delivery: Literal["pull", "http", "s3"] = "pull"
    """How bundles leave: pull (a consumer comes for them), http or s3 (the courier takes them to a receiver)."""

    @property
    def is_pushed(self) -> bool:
        """Whether the courier takes bundles to a receiver."""
        return self.delivery in PUSHED

    @field_validator("delivery")
    @classmethod
    def _what_is_protected_takes_a_private_line(cls, value: str, info: ValidationInfo) -> str:
        stack = shared(info)
        if value not in PUSHED or not stack.get("protect_data"):
            return value
        if stack.get("private_network") is False:
            raise unset(
                "privateNetwork",
                f"baler:protectData is true and baler:filesDelivery {value}, so bundles go to the receiver over a "
                "private line alone, which begins in the private network",
                use=True,
                state="is false",
            )
        if stack.get("vpn_gateway_address") == "" and stack.get("direct_connect_gateway_id") == "":
            raise unset(
                "vpnGatewayAddress",
                f"baler:protectData is true and baler:filesDelivery {value}, so bundles go to the receiver over a "
                "private line alone. If it is a Direct Connect: pulumi config set baler:directConnectGatewayId "
                f"'{GATEWAY_EXAMPLE}'",
                ADDRESS_EXAMPLE,
            )
        return value


def belongs_to(
    model: type[PipelineSettings], value: Any, info: ValidationInfo, deliveries: Sequence[str], *, required: str = ""
) -> None:
    """Refuse a setting that does nothing with the stack's delivery, or that is missing.

    The Pulumi CLI gives a program the defaults too, so a setting counts as set where it has another value.

    Args:
        model: whose field it is.
        value: of the setting.
        info: of its validation.
        deliveries: to which it belongs.
        required: why one of these cannot do without it; "" where it can.
    """
    delivery = info.data.get("delivery")
    if delivery is None:
        return
    if delivery not in deliveries and value != model.model_fields[str(info.field_name)].default:
        raise refusal(
            f"it does nothing with {qualified('filesDelivery')} {delivery}, which is not {' or '.join(deliveries)}", ""
        )
    if required and delivery in deliveries and not value:
        raise refusal(required, model.model_fields[str(info.field_name)].examples[0])  # type: ignore[index]
