"""What a URL asks for, and the addresses that may be asked."""

from __future__ import annotations

import queue
import re
import socket
import threading
import time
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from baler.lake.sources import origin_of
from runtime.lake.ingestion.ports import WebError
from runtime.lake.ingestion.web.addresses import is_public

if TYPE_CHECKING:
    from collections.abc import Callable

_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_URL_MAX: Final = 8192
# Names of the domain name system; the last part of one is no number, in any of the ways in which C reads numbers:
# "2130706433" and "0x7f.1" are 127.0.0.1 to getaddrinfo.
_NAME: Final = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*(?!0x[0-9a-f]*\Z|[0-9]+\Z)"
    r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
)


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked for.

    Attributes:
        scheme: "https", or "http" where the origin is open.
        host: a name or an address, as the server's certificate must have it.
        port: of TCP.
        path: and query, as they are sent.
        origin: scheme, host and port.
        is_open: the stack says so, and no address of it is checked.
    """

    scheme: str
    host: str
    port: int
    path: str
    origin: str
    is_open: bool

    @classmethod
    def of(cls, url: str, open_origins: frozenset[str]) -> Target:
        """Read a URL.

        Raises:
            WebError: it is none that may be asked for.
        """
        if len(url) > _URL_MAX or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
            raise WebError("url-unreadable", may_pass=False)
        try:
            parts = urlsplit(url)
            origin, port = origin_of(url), parts.port
        except ValueError as error:
            raise WebError("url-unreadable", may_pass=False) from error
        is_open = origin in open_origins
        if parts.scheme != "https" and not is_open:
            raise WebError("not-https", may_pass=False)
        if "@" in parts.netloc:
            raise WebError("url-with-user", may_pass=False)
        host = parts.hostname or ""
        if not _NAME.fullmatch(host) and not _is_address(host):
            raise WebError("host-unreadable", may_pass=False)
        path = parts.path or "/"
        return cls(
            scheme=parts.scheme,
            host=host,
            port=_DEFAULT_PORTS[parts.scheme] if port is None else port,
            path=f"{path}?{parts.query}" if parts.query else path,
            origin=origin,
            is_open=is_open,
        )

    @property
    def host_header(self) -> str:
        """The header Host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host.

    Raises:
        OSError: it has none, or nobody could say.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


def addresses_of(target: Target, resolver: Callable[[str, int], list[str]], deadline: float) -> list[str]:
    """Return the addresses to connect to. All of them were checked, and nobody looks the name up again.

    Raises:
        WebError: one of them is not public, or there is none, or nobody could say in time.
    """
    addresses = _in_time(lambda: resolver(target.host, target.port), deadline)
    if not addresses:
        raise WebError("host-unknown", may_pass=True)
    if not target.is_open and not all(map(is_public, addresses)):
        raise WebError("address-not-public", may_pass=False)
    return addresses


def _in_time(look_up: Callable[[], list[str]], deadline: float) -> list[str]:
    """Look up in a thread that may be left behind: getaddrinfo takes its own time, and nothing ends it."""
    answers: queue.SimpleQueue[list[str] | OSError | UnicodeError] = queue.SimpleQueue()

    def answer() -> None:
        try:
            answers.put(look_up())
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=answer, daemon=True, name="look-up").start()
    try:
        found = answers.get(timeout=max(0.0, deadline - time.time()))
    except queue.Empty:
        raise WebError("look-up-timeout", may_pass=False) from None
    if isinstance(found, UnicodeError):
        raise WebError("host-unreadable", may_pass=False) from found
    if isinstance(found, OSError):
        raise WebError("host-unknown", may_pass=True) from found
    return found


def _is_address(host: str) -> bool:
    try:
        return str(ip_address(host)) == host or ":" in host
    except ValueError:
        return False
