"""Connections of clients, for those whose answer is to be lost, and for those that are to die unseen."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from rolo.serving import twisted
from twisted.internet import reactor
from twisted.internet.threads import blockingCallFromThread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from localstack.http import Request

_REQUEST = "baler.twisted.request"

# Of this machine's clients, by their port. The reactor's thread alone changes it.
_open: WeakValueDictionary[int, Any] = WeakValueDictionary()


def note_connections() -> None:
    """Let each request know the connection that it came by."""
    twisted.update_wsgi_environment = _noting(twisted.update_wsgi_environment)


def reset_connection(request: Request) -> None:
    """Close the connection of a request at once, so that nothing which is written after it arrives."""
    reactor.callFromThread(request.environ[_REQUEST].transport.abortConnection)


def note_connection(protocol: Any, port: int) -> None:
    """Remember what serves the client with a port; called by the reactor."""
    _open[port] = protocol


def silence(ports: Iterable[int]) -> None:
    """Let the connections of some clients die as they do in a network that has forgotten them: without a word.

    What a client sends is still taken, and nothing is ever answered; neither is the connection closed.
    """
    blockingCallFromThread(reactor, _silence, tuple(ports))


def _silence(ports: Iterable[int]) -> None:
    for port in ports:
        protocol = _open.pop(port, None)
        if protocol is not None:
            protocol.dataReceived = _ignore
            protocol._channel.setTimeout(None)  # noqa: SLF001 - at its end the server would say goodbye


def _ignore(_data: bytes) -> None:
    """Take what will never be answered."""


def _noting(update: Callable[..., None]) -> Callable[..., None]:
    @wraps(update)
    def noting(environment: dict[str, Any], request: Any) -> None:
        update(environment, request)
        environment[_REQUEST] = request

    return noting
