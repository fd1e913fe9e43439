"""urllib3's pool of connections to one endpoint, with what a frozen process and a deadline ask of it."""

from __future__ import annotations

import http.client
import math
import os
import queue
import ssl
import threading
import time
from http.client import HTTPException
from typing import IO, TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, HTTPClientError, SSLError
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.util import Retry

from baler.aws.http.moment import Moment
from baler.aws.http.response import Response
from baler.aws.http.sockets import TimeLimit, TlsSocket, dial
from baler.aws.http.tls import is_refused

if TYPE_CHECKING:
    import socket
    from collections.abc import Generator

    from urllib3 import BaseHTTPResponse

# How long an unused connection is good for. S3 and the NAT or endpoint between may forget one after seconds, and a
# connection that died while the process was frozen does not say so: the next request on it would just wait.
IDLE_SECONDS: Final = 4.0
# A kept connection that says nothing may be dead: it gets this part of the time that a new one has.
_KEPT_PATIENCE: Final = 0.5
# S3 takes user metadata of 2 KB and requests with 8 KB of headers, of which 480 could be user metadata; http.client
# takes 100 and has no other setting before Python 3.15. One line is limited to 64 KB as ever. This is for the whole
# process: boto3's clients of `baler` read such headers by it too.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
_HEADERS_MAX: Final = 1000
http.client._MAXHEADERS = _HEADERS_MAX  # type: ignore[attr-defined] # noqa: SLF001 # pyright: ignore[reportAttributeAccessIssue]
# Read and written at once.
_BLOCK_BYTES: Final = 128 * 1024
# More than this many connections are not kept: the threads of a function are fewer.
_KEPT_MAX: Final = 32

# Attempts are made elsewhere, and redirects are answers: what would be sent on has a signature and perhaps a file.
_NO_RETRIES: Final = Retry(False)
_WIRE_ERRORS: Final = (HTTPError, HTTPException, OSError)


class StaleConnectionError(Exception):
    """A kept connection failed before it brought an answer: it had died unseen, so the failure says nothing of now."""


class OversizedHeaderError(HTTPClientError):
    """The answer's header is larger than is read; asking again brings the same."""


class Answer:
    """What came back; its connection is kept once the body has been read to its end.

    Attributes:
        status: of HTTP.
        headers: asked for by names in any case.
        length: bytes of the body where the answer says so in advance, else None.
        earlier: how often the request had been sent before, without an answer; those may have taken effect.
    """

    def __init__(self, response: BaseHTTPResponse) -> None:
        self._response = response
        self.status = response.status
        self.headers = response.headers
        self.length = response.length_remaining
        self.earlier = 0

    def read(self, most: float = math.inf) -> bytes:
        """Return the body, and end it; of a body of more than `most` bytes some of the first.

        Raises:
            HTTPClientError: it broke off.
        """
        pieces: list[bytes] = []
        size = 0
        try:
            for piece in self.iter_chunks(_BLOCK_BYTES):
                pieces.append(piece)
                size += len(piece)
                if size > most:
                    break
        finally:
            self.close()
        return b"".join(pieces)

    def iter_chunks(self, chunk_size: int) -> Generator[bytes]:
        """Yield the body in pieces of at most so many bytes.

        Raises:
            HTTPClientError: it broke off.
        """
        received = 0
        while True:
            try:
                piece = self._response.read(chunk_size)
            except _WIRE_ERRORS as error:
                self.close()
                raise HTTPClientError(error=error) from error
            if piece:
                yield piece
            received += len(piece)
            if not piece or received == self.length:
                return  # at its end urllib3 has taken the connection back

    def close(self) -> None:
        """End it here: a connection with the rest of a body on it is of no more use. At the end, harmless."""
        self._response.close()


class Connections:
    """As many connections as there are requests at the same time, each used by one request after the other.

    Args:
        endpoint: a URL; its scheme, host and port count.
    """

    def __init__(self, endpoint: str) -> None:
        address = urlsplit(endpoint)
        self._endpoint = endpoint
        host = address.hostname or ""
        self._pool: _TcpPool | _TlsPool
        if address.scheme == "https":
            # Loading the certificate authorities takes 25 ms: once, and not for each connection. The variable is
            # the one that boto3 and AWS's command take.
            context = ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE") or None)
            context.sslsocket_class = TlsSocket
            self._pool = _TlsPool(host, address.port, ssl_context=context, maxsize=_KEPT_MAX, blocksize=_BLOCK_BYTES)
        else:
            self._pool = _TcpPool(host, address.port, maxsize=_KEPT_MAX, blocksize=_BLOCK_BYTES)

    def ask(
        self, method: str, target: str, headers: dict[str, str], body: bytes | IO[bytes], limit: TimeLimit
    ) -> Answer:
        """Send a request and return the answer, once its headers are there. No redirect is followed.

        Args:
            method: of HTTP, as are the next three.
            target: path and query, encoded.
            headers: all of them, but for the length of a body of bytes.
            body: bytes, or a file of which what is left to read is sent.
            limit: for the request and its answer with the body.

        Raises:
            StaleConnectionError: a kept connection failed; no other is kept now. Whether the request took effect is
                unknown.
            EndpointConnectionError, ConnectTimeoutError, SSLError: no connection, or no time; nothing was sent.
            HTTPClientError: no answer in time, or none that can be understood; whether the request took effect is
                unknown.
        """
        if time.time() >= limit.deadline:
            raise ConnectTimeoutError(endpoint_url=self._endpoint, error=TimeoutError("the deadline has passed"))
        patience = limit.silence_seconds
        use = self._pool.next_use(limit)
        try:
            response = self._pool.urlopen(
                method,
                target,
                body=body or None,
                headers=headers,
                retries=_NO_RETRIES,
                redirect=False,
                assert_same_host=False,
                preload_content=False,
                decode_content=False,
                enforce_content_length=True,
            )
        except _WIRE_ERRORS as error:
            raise self._explained(error, use) from error
        limit.silence_seconds = patience
        return Answer(response)

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self._pool.drop_idle()

    def _explained(self, error: Exception, use: _Use) -> Exception:
        if _is_oversized(error):
            return OversizedHeaderError(error=error)
        if use.kept and time.time() < use.limit.deadline:
            # Those that were idle beside it slept through the same freeze.
            self._pool.drop_idle()
            return StaleConnectionError(str(error))
        if use.connected:
            return HTTPClientError(error=error)
        if is_refused(error):
            return SSLError(endpoint_url=self._endpoint, error=error)
        if isinstance(error.__cause__, TimeoutError):
            return ConnectTimeoutError(endpoint_url=self._endpoint, error=error)
        return EndpointConnectionError(endpoint_url=self._endpoint, error=error)


class _Use:
    """How one request uses its connection.

    Attributes:
        limit: for the request.
        kept: it had served another request before.
        connected: there is a connection, so that something may have been sent.
    """

    def __init__(self, limit: TimeLimit) -> None:
        self.limit = limit
        self.kept = False
        self.connected = False


class _Connection(HTTPConnection):
    """A connection that knows its use."""

    response_class = Response
    use: _Use
    last_used: Moment

    def _new_conn(self) -> socket.socket:
        try:
            return dial(self._dns_host, self.port or self.default_port, self.use.limit.deadline)
        except OSError as error:
            raise NewConnectionError(self, str(error)) from error

    def connect(self) -> None:
        super().connect()
        self.sock.limit = self.use.limit  # pyright: ignore[reportAttributeAccessIssue, reportOptionalMemberAccess]  # made by dial
        self.use.connected = True


class _TlsConnection(_Connection, HTTPSConnection):
    """The same over TLS."""


class _Pool(HTTPConnectionPool):
    """urllib3's pool, whose connections know their use, and whose idle ones are used only while they are young."""

    ConnectionCls = _Connection  # pyright: ignore[reportAssignmentType]  # urllib3 declares a protocol that its own class fits no better
    # urlopen passes nothing on to the connection that it takes: the use waits here for the thread that asks.
    _uses = threading.local()

    def next_use(self, limit: TimeLimit) -> _Use:
        """Say how this thread's next request uses its connection."""
        self._uses.use = use = _Use(limit)
        return use

    def _get_conn(self, timeout: float | None = None) -> Any:
        connection = super()._get_conn(timeout)
        assert isinstance(connection, _Connection)  # noqa: S101 - of ConnectionCls
        if connection.sock is not None and connection.last_used.seconds_ago() > IDLE_SECONDS:
            connection.close()
        use: _Use = self._uses.use
        connection.use = use
        if connection.sock is not None:
            use.kept = use.connected = True
            use.limit.silence_seconds *= _KEPT_PATIENCE
            connection.sock.limit = use.limit  # pyright: ignore[reportAttributeAccessIssue]  # made by dial
        return connection

    def _put_conn(self, conn: Any) -> None:
        if conn is not None:
            conn.last_used = Moment()
        super()._put_conn(conn)

    def drop_idle(self) -> None:
        """Close the connections that nobody uses; the pool goes on."""
        idle = self.pool
        while idle is not None:
            try:
                connection = idle.get(block=False)
            except queue.Empty:
                return
            if connection is not None:
                connection.close()


class _TcpPool(_Pool):
    """Plain."""


class _TlsPool(_Pool, HTTPSConnectionPool):
    """Over TLS."""

    ConnectionCls = _TlsConnection


def _is_oversized(error: BaseException) -> bool:
    """Whether it is what http.client raises for too many headers (an exception of its base class) or a long one."""
    found = error.args[-1] if error.args else None
    return isinstance(found, http.client.LineTooLong) or type(found) is HTTPException
