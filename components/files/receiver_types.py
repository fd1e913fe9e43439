"""The kinds of values by which a receiver on the premises is known."""

import ipaddress
import re
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator

from components.settings.network_types import ADDRESS_EXAMPLE
from components.settings.types import refusal

URL_EXAMPLE: Final = "https://<name>:<port>/<path>"
BUCKET_EXAMPLE: Final = "<bucket>"
HTTPS: Final = 443

# All variables of a function share 4 KB (Lambda quotas).
_LONGEST_URL: Final = 512
_NAME: Final = re.compile(
    r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*", re.ASCII
)
_PATH: Final = re.compile(r"[A-Za-z0-9/._~-]*", re.ASCII)
_BUCKET: Final = re.compile(r"([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?", re.ASCII)
_REGION: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?", re.ASCII)


def host_of(url: str) -> str:
    """Return the name in an accepted URL, to which the receiver's certificate is compared."""
    return str(urlsplit(url).hostname)


def port_of(url: str) -> int:
    """Return the port in an accepted URL."""
    return urlsplit(url).port or HTTPS


def path_of(url: str) -> str:
    """Return the path in an accepted URL; "" where it has none."""
    return urlsplit(url).path


def _url(value: str) -> str:
    if not value:
        return value
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise refusal(f"it must be a URL ({error})", URL_EXAMPLE) from error
    if parts.scheme != "https":
        raise refusal("it must begin with https://: nothing is sent without TLS", URL_EXAMPLE)
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise refusal(
            "it must have no user, password, query or fragment: credentials are in the secret, not in the state",
            URL_EXAMPLE,
        )
    # `hostname` is in small letters, as names compare.
    if not _NAME.fullmatch(parts.hostname or ""):
        raise refusal("it must name the receiver by a name, or by an IPv4 address", URL_EXAMPLE)
    if port == 0:
        raise refusal("it must name a port above 0, or none", URL_EXAMPLE)
    if not _PATH.fullmatch(parts.path) or len(value) > _LONGEST_URL:
        raise refusal(
            f"its path must be of letters, digits and /._~-, and all of it at most {_LONGEST_URL} characters",
            URL_EXAMPLE,
        )
    return value


def _address(value: str) -> str:
    if value:
        try:
            address = ipaddress.IPv4Address(value)
        except ValueError as error:
            raise refusal(
                f"it must be an IPv4 address ({error}): nothing resolves names in there", ADDRESS_EXAMPLE
            ) from error
        # Link-local is where AWS's own metadata are.
        if address.is_multicast or address.is_link_local or address.is_unspecified or address.is_reserved:
            raise refusal("it must be the address of one machine", ADDRESS_EXAMPLE)
    return value


def _bucket(value: str) -> str:
    if not _BUCKET.fullmatch(value):
        raise refusal(
            "it must be the name of a bucket: 3 to 63 small letters, digits, dots and hyphens", BUCKET_EXAMPLE
        )
    return value


def _region(value: str) -> str:
    if not _REGION.fullmatch(value):
        raise refusal("it must be the name of a region: small letters, digits and hyphens", "us-east-1")
    return value


ReceiverUrl = Annotated[str, AfterValidator(_url)]
"""Where bundles are sent, or nothing: https, a name, perhaps a port and a path."""

ReceiverAddress = Annotated[str, AfterValidator(_address)]
"""The IPv4 address of one machine, or nothing."""

BucketName = Annotated[str, AfterValidator(_bucket)]
"""A bucket of an S3-compatible store, or nothing."""

RegionName = Annotated[str, AfterValidator(_region)]
"""What a request to an S3-compatible store is signed for."""
