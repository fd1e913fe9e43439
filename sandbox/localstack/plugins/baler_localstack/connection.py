"""Connections of clients, for those whose answer is to be lost."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from rolo.serving import twisted
from twisted.internet import reactor

if TYPE_CHECKING:
    from collections.abc import Callable

    from localstack.http import Request

_REQUEST = "baler.twisted.request"


def note_connections() -> None:
    """Let each request know the connection that it came by."""
    twisted.update_wsgi_environment = _noting(twisted.update_wsgi_environment)


def reset_connection(request: Request) -> None:
    """Close the connection of a request at once, so that nothing which is written after it arrives."""
    reactor.callFromThread(request.environ[_REQUEST].transport.abortConnection)


def _noting(update: Callable[..., None]) -> Callable[..., None]:
    @wraps(update)
    def noting(environment: dict[str, Any], request: Any) -> None:
        update(environment, request)
        environment[_REQUEST] = request

    return noting
