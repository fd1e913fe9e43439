"""Where the courier takes bundles, by http or s3."""

import ipaddress
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from components.files.delivery_settings import PUSHED, belongs_to
from components.files.receiver_types import (
    BUCKET_EXAMPLE,
    URL_EXAMPLE,
    BucketName,
    ReceiverAddress,
    ReceiverUrl,
    RegionName,
    host_of,
    path_of,
    port_of,
)
from components.settings.model import PipelineSettings, shared
from components.settings.network_types import ADDRESS_EXAMPLE
from components.settings.types import KeyPrefix, refusal


class ReceiverSettings(PipelineSettings):
    """The receiver on the premises. Its credentials are in a secret, to which a person gives its value."""

    receiver_url: Annotated[ReceiverUrl, Field(examples=[URL_EXAMPLE])] = ""
    """Where bundles go: https, the name in the receiver's certificate, port, path (none with s3). With http, s3."""

    receiver_address: Annotated[ReceiverAddress, Field(examples=[ADDRESS_EXAMPLE])] = ""
    """IPv4 address at which the receiver is dialled: nothing resolves its name in the network. With http, s3."""

    receiver_bucket: Annotated[BucketName, Field(examples=[BUCKET_EXAMPLE])] = ""
    """Bucket of the S3-compatible store. Required with s3."""

    receiver_prefix: KeyPrefix = ""
    """What the keys of bundles in the store begin with, up to a slash. With s3."""

    receiver_region: RegionName = "us-east-1"
    """Region that requests to the store are signed for; most stores take any. With s3."""

    receiver_path_style: bool = True
    """Whether the bucket is in the path of the store's URLs, else in the host's name. With s3."""

    receiver_conditional_puts: bool = True
    """Whether the store knows If-None-Match; false asks with a HEAD before each put. With s3."""

    receiver_verify_by_read: bool = False
    """Whether each bundle in the store is read again and hashed, instead of a HEAD after the put. With s3."""

    receiver_checksums: Literal["when-required", "when-supported"] = "when-required"
    """Whether puts carry S3's newer checksums, which older stores refuse: when-required leaves them out. With s3."""

    @property
    def receiver_port(self) -> int:
        """The port at which the receiver is dialled."""
        return port_of(self.receiver_url)

    @field_validator("receiver_url", "receiver_address")
    @classmethod
    def _the_courier_knows_where_to_go(cls, value: str, info: ValidationInfo) -> str:
        belongs_to(cls, value, info, PUSHED, required="the courier takes bundles to a receiver, which must be named")
        return value

    @field_validator("receiver_url")
    @classmethod
    def _a_store_is_asked_at_its_root(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("delivery") == "s3" and path_of(value) not in ("", "/"):
            raise refusal(
                "it must have no path: the bucket is baler:filesReceiverBucket", value.removesuffix(path_of(value))
            )
        return value

    @field_validator("receiver_address")
    @classmethod
    def _the_address_is_on_the_premises(cls, value: str, info: ValidationInfo) -> str:
        if not value:
            return value
        address = ipaddress.IPv4Address(value)
        stack = shared(info)
        premises: tuple[str, ...] = stack.get("on_premises_cidrs", ())
        if premises and not any(address in ipaddress.IPv4Network(cidr) for cidr in premises):
            raise refusal(f"it must lie within baler:onPremisesCidrs, which is {', '.join(premises)}", ADDRESS_EXAMPLE)
        own = stack.get("network_cidr")
        if stack.get("private_network"):
            if own and address in ipaddress.IPv4Network(own):
                raise refusal(f"it lies within the private network itself, baler:networkCidr {own}", ADDRESS_EXAMPLE)
            if address.is_loopback:
                raise refusal("it is the function's own: a receiver is on the premises", ADDRESS_EXAMPLE)
        url = info.data.get("receiver_url")
        if url and _is_address(host_of(url)) and host_of(url) != value:
            raise refusal(f"baler:filesReceiverUrl names another address, {host_of(url)}", host_of(url))
        return value

    @field_validator(
        "receiver_bucket",
        "receiver_prefix",
        "receiver_region",
        "receiver_path_style",
        "receiver_conditional_puts",
        "receiver_verify_by_read",
        "receiver_checksums",
    )
    @classmethod
    def _only_a_store_has_it(cls, value: Any, info: ValidationInfo) -> Any:
        required = "the store's bucket must be named" if info.field_name == "receiver_bucket" else ""
        belongs_to(cls, value, info, ("s3",), required=required)
        return value


def _is_address(host: str) -> bool:
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True
