"""Connections to one endpoint, kept open between requests."""

from __future__ import annotations

import ssl
from collections import deque
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from select import POLLIN, poll
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from botocore.exceptions import HTTPClientError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

CONNECT_SECONDS: Final = 2.0
# Short enough that a call which hangs is tried again within the function's timeout.
READ_SECONDS: Final = 5.0


class Answer:
    """What came back; its connection is kept once the body has been read to its end.

    Attributes:
        status: of HTTP.
        headers: asked for by names in any case.
        length: bytes of the body.
    """

    def __init__(self, response: HTTPResponse, connection: HTTPConnection, idle: deque[HTTPConnection]) -> None:
        self._response = response
        self._connection: HTTPConnection | None = connection
        self._idle = idle
        self.status = response.status
        self.headers = response.headers
        if response.length is None:
            # Without it a body that breaks off looks like one that has ended. S3 and DynamoDB always tell it.
            self.close()
            raise HTTPClientError(error=HTTPException("an answer without Content-Length"))
        self.length: int = response.length

    def read(self) -> bytes:
        """Return the whole body, and end it.

        Raises:
            HTTPClientError: it broke off.
        """
        with closing(self):
            return b"".join(self.iter_chunks(max(self.length, 1)))

    def iter_chunks(self, chunk_size: int) -> Generator[bytes]:
        """Yield the body in pieces of at most so many bytes.

        Raises:
            HTTPClientError: it broke off.
        """
        missing = self.length
        while missing:
            with _network():
                chunk = self._response.read(min(chunk_size, missing))
                if not chunk:
                    raise HTTPException("the body broke off")
            missing -= len(chunk)
            yield chunk
        self._response.close()
        if self._connection is not None and not self._response.will_close:
            self._idle.append(self._connection)
            self._connection = None

    def close(self) -> None:
        """End it here: a connection with the rest of a body on it is of no more use. At the end, harmless."""
        self._response.close()
        if self._connection is not None:
            self._connection.close()


class Connections:
    """As many connections as there are requests at the same time, each used by one request after the other.

    Args:
        endpoint: a URL; its scheme, host and port count.
    """

    def __init__(self, endpoint: str) -> None:
        address = urlsplit(endpoint)
        self._host = address.hostname or ""
        self._port = address.port
        # Loading the certificate authorities takes 25 ms: once, and not for each connection.
        self._tls = ssl.create_default_context() if address.scheme == "https" else None
        # Appending to a deque and popping from it are atomic, which is all that threads need here.
        self._idle: deque[HTTPConnection] = deque()

    def ask(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send a request and return the answer, once its headers are there.

        Raises:
            HTTPClientError: no connection, no answer in time, or none that can be understood; whether the request
                took effect is unknown.
        """
        with _network():
            connection = self._take()
            try:
                connection.request(method, target, body or None, dict(headers))
                return Answer(connection.getresponse(), connection, self._idle)
            except BaseException:
                connection.close()
                raise

    def close(self) -> None:
        """Close the connections that nobody uses."""
        while self._idle:
            self._idle.pop().close()

    def _take(self) -> HTTPConnection:
        """Return the connection that was used last, if the other side has not closed it, or a new one."""
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:
                break  # another thread was quicker
            if not _is_over(connection):
                return connection
            connection.close()
        if self._tls is None:
            connection = HTTPConnection(self._host, self._port, timeout=CONNECT_SECONDS)
        else:
            connection = HTTPSConnection(self._host, self._port, timeout=CONNECT_SECONDS, context=self._tls)
        connection.connect()
        connection.sock.settimeout(READ_SECONDS)
        return connection


def _is_over(connection: HTTPConnection) -> bool:
    """Tell whether there is something to read where nothing was asked for: as a rule, the end."""
    asked = poll()
    asked.register(connection.sock, POLLIN)
    return bool(asked.poll(0))


@contextmanager
def _network() -> Generator[None]:
    """Raise what botocore raises for what a connection can do wrong."""
    try:
        yield
    except (OSError, HTTPException) as error:
        raise HTTPClientError(error=error) from error
