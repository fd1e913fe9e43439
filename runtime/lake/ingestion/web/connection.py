"""A connection to one of the addresses that were checked, each operation of which ends by the deadline.

A GET has no body, so nobody needs to listen while sending: blocking sockets are enough. A time-out of a socket is for
one operation, and a server that sends a byte now and then never meets it; here each has what is left of the whole.
"""

from __future__ import annotations

import socket
import ssl
import time
from typing import TYPE_CHECKING, Final

from runtime.lake.ingestion.ports import WebError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runtime.lake.ingestion.web.target import Target

# For one address, while others are left: one of several may be out of reach. A lost packet is sent again after 1 s.
_ADDRESS_SECONDS: Final = 3.0
_BLOCK_BYTES: Final = 64 * 1024


class Connection:
    """A connection, over TLS where the target's scheme is https.

    Args:
        sock: connected.
        deadline: of all operations, seconds since the epoch.
    """

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._socket = sock
        self._deadline = deadline

    @classmethod
    def open(cls, target: Target, addresses: Sequence[str], context: ssl.SSLContext, deadline: float) -> Connection:
        """Connect to the first address that answers; the certificate must be for the target's host.

        No proxy is asked, whatever the environment says: it would resolve the name itself.

        Raises:
            WebError: none answered, or TLS came to no agreement.
        """
        sock = _connected(target.port, addresses, deadline)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if target.scheme == "https":
                sock.settimeout(_left(deadline))
                sock = context.wrap_socket(sock, server_hostname=target.host)
        except BaseException as error:
            sock.close()
            if isinstance(error, OSError):
                raise _tls_error(error) from error
            raise
        return cls(sock, deadline)

    def send(self, data: bytes) -> None:
        """Send.

        Raises:
            OSError: it broke, or the deadline has passed (TimeoutError).
        """
        self._socket.settimeout(_left(self._deadline))
        self._socket.sendall(data)

    def receive(self) -> bytes:
        """Return what comes next; b"" at the end.

        Raises:
            OSError: it broke, or the deadline has passed (TimeoutError).
        """
        self._socket.settimeout(_left(self._deadline))
        return self._socket.recv(_BLOCK_BYTES)

    def close(self) -> None:
        """End it."""
        self._socket.close()


def client_context() -> ssl.SSLContext:
    """Return TLS as sources are asked: 1.2 or later, certificate and name checked against the system's authorities."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


def _connected(port: int, addresses: Sequence[str], deadline: float) -> socket.socket:
    reason = "connect-timeout"
    for place, address in enumerate(addresses):
        is_last = place == len(addresses) - 1
        try:
            left = _left(deadline)
            return socket.create_connection((address, port), timeout=left if is_last else min(left, _ADDRESS_SECONDS))
        except TimeoutError:
            reason = "connect-timeout"
        except ConnectionRefusedError:
            reason = "connection-refused"
        except OSError:
            reason = "unreachable"
    raise WebError(reason, may_pass=True)


def _tls_error(error: OSError) -> WebError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return WebError("certificate-not-trusted", may_pass=False)
    if isinstance(error, TimeoutError):
        return WebError("tls-timeout", may_pass=True)
    return WebError("tls-failed", may_pass=True)


def _left(deadline: float) -> float:
    left = deadline - time.time()
    if left <= 0:
        raise TimeoutError("the deadline has passed")
    return left
