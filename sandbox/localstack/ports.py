"""TCP ports of this machine's loopback interface."""

from __future__ import annotations

import errno
import secrets
import socket
from contextlib import ExitStack
from typing import Final

from sandbox.errors import SandboxError

LOOPBACK: Final = "127.0.0.1"

_BELOW_OUTGOING: Final = range(20_000, 32_000)


def free_port() -> int:
    """Return a port that nothing listens on; another program may take it until it is used."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def lasting_ports(count: int) -> list[int]:
    """Return free ports for programs that go away and come back: no outgoing connection of this machine gets them.

    Those come from a range above (Linux 32768, macOS 49152), and one that has a port when its program comes back keeps
    that from starting.
    """
    found: list[int] = []
    with ExitStack() as stack:
        # All are held until the last one is found, or one port would be found twice.
        while len(found) < count:
            port = secrets.choice(_BELOW_OUTGOING)
            probe = stack.enter_context(socket.socket())
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue  # somebody listens there
            found.append(port)
    return found


def require_free(port: int) -> None:
    """Return if `port` can be listened on.

    Raises:
        SandboxError: if it cannot, saying which one to name instead.
    """
    with socket.socket() as visitor:
        # macOS lets a second program bind a loopback port that one on all interfaces has: ask first.
        busy = visitor.connect_ex((LOOPBACK, port)) == 0
    if not busy:
        try:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((LOOPBACK, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                reason = (error.strerror or str(error)).lower()
                raise SandboxError(f"Port {port} cannot be used ({reason}): name another one, PORT=4567.") from error
            busy = True
    if busy:
        other = 4567 if port != 4567 else 4568  # noqa: PLR2004 - an example, not a limit
        raise SandboxError(f"Port {port} is busy: stop what listens there, or choose another with PORT={other}")
