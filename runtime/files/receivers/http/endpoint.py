"""Where the receiver is: the name that it shows, and the address at which it is dialled."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlsplit

_HTTPS_PORT: Final = 443


@dataclass(frozen=True, slots=True)
class ReceiverEndpoint:
    """Where bundles are sent.

    Attributes:
        name: of the URL: what the certificate must be for, and what is asked for (SNI).
        address: IPv4, which is dialled. Nothing resolves names in the courier's network.
        port: of TCP.
        target: path and query.
    """

    name: str
    address: str
    port: int
    target: str

    @classmethod
    def of(cls, url: str, address: str) -> Self:
        """Read the stack's two settings.

        Raises:
            ValueError: the URL is not one of HTTPS, or has a user or a fragment; or the address is not IPv4.
        """
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname:
            raise ValueError(f"the receiver's URL must begin with https:// and a name, not {url!r}")
        if parts.username is not None or parts.password is not None or parts.fragment:
            raise ValueError("the receiver's URL holds a user or a fragment: credentials belong into the secret")
        if not url.isascii() or not url.isprintable() or " " in url:
            raise ValueError(f"the receiver's URL must be written in ASCII, other characters encoded: {url!r}")
        path = parts.path or "/"
        return cls(
            name=parts.hostname,
            address=str(ipaddress.IPv4Address(address)),
            port=parts.port or _HTTPS_PORT,
            target=f"{path}?{parts.query}" if parts.query else path,
        )

    @property
    def host(self) -> str:
        """The header Host: the name, and the port where it is not that of HTTPS."""
        name = f"[{self.name}]" if ":" in self.name else self.name
        return name if self.port == _HTTPS_PORT else f"{name}:{self.port}"
