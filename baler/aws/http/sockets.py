"""Sockets whose every operation ends in time, whatever the other side does.

A time-out of an HTTP client is for one read: a peer that sends a byte now and then is never timed out. Here each
operation has the seconds that are left until the call's deadline, so that a call ends whether its peer is silent, slow
or drips.
"""

from __future__ import annotations

import math
import socket
import ssl
import time
from dataclasses import dataclass
from typing import Any, Final

# For all addresses of a host, and for one of them: a host of S3 has several, of which one may be out of reach. A packet
# that asks for a connection and is lost is sent again after one second.
_CONNECT_SECONDS: Final = 3.0
_ADDRESS_SECONDS: Final = 1.5


@dataclass(slots=True)
class TimeLimit:
    """How long the operations of one call may take.

    Attributes:
        silence_seconds: how long one operation may wait for the other side.
        deadline: when the last one must have ended, seconds since the epoch.
    """

    silence_seconds: float = math.inf
    deadline: float = math.inf

    def seconds(self) -> float | None:
        """Return what the next operation has; None for no limit.

        Raises:
            TimeoutError: the deadline has passed.
        """
        left = min(self.silence_seconds, self.deadline - time.time())
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        return None if left == math.inf else left


class _LimitedSocket(socket.socket):
    limit = TimeLimit()

    def recv_into(self, buffer: Any, nbytes: int | None = 0, flags: int = 0) -> int:
        self.settimeout(self.limit.seconds())
        return super().recv_into(buffer, nbytes or 0, flags)

    def send(self, data: Any, flags: int = 0) -> int:
        self.settimeout(self.limit.seconds())
        return super().send(data, flags)

    def sendall(self, data: Any, flags: int = 0) -> None:
        self.settimeout(self.limit.seconds())
        super().sendall(data, flags)


class TcpSocket(_LimitedSocket):
    """A TCP socket; its `limit` holds for each operation."""


class TlsSocket(_LimitedSocket, ssl.SSLSocket):
    """The same over TLS; made by an SSLContext whose `sslsocket_class` it is."""


def dial(host: str, port: int, deadline: float) -> TcpSocket:
    """Return a connection, whose time-out is what is left for a TLS handshake.

    Args:
        host: a name or an address.
        port: of TCP.
        deadline: seconds since the epoch.

    Raises:
        OSError: nobody could be reached at any of the host's addresses.
    """
    whole = TimeLimit(deadline=min(deadline, time.time() + _CONNECT_SECONDS))
    one = TimeLimit(_ADDRESS_SECONDS, whole.deadline)
    failure = OSError(f"{host} has no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        sock = TcpSocket(family, kind, protocol)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(one.seconds())
            sock.connect(address)
            sock.settimeout(whole.seconds())
        except OSError as error:
            sock.close()
            failure = error
        else:
            return sock
    raise failure
