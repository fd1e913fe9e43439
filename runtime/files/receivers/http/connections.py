"""Connections to one receiver, each of which serves one request after the other while it is young."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import h11

from baler.aws.http.moment import Moment
from runtime.files.receivers.http.answers import Circumstances, answer_of_failure
from runtime.files.receivers.http.exchange import EarlyAcceptanceError, Exchange
from runtime.files.receivers.http.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from baler.files.courier.answer import Answer
    from runtime.files.receivers.http.endpoint import ReceiverEndpoint
    from runtime.files.receivers.http.identity import Identity

# NiFi closes a connection that was idle for 30 s, and the courier may have been frozen meanwhile.
IDLE_SECONDS: Final = 20.0
# As many as are sent beside each other at most.
_KEPT_MAX: Final = 16

_FAILURES: Final = (OSError, h11.RemoteProtocolError, EarlyAcceptanceError)


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    Attributes:
        method, target: of HTTP; path and query of the target are encoded.
        headers: all but Host and User-Agent.
        deadline: when all of it is over, seconds since the epoch.
        body: read once.
        into: gets the body of a 2xx, however long it is, instead of the reply.
    """

    method: str
    target: str
    headers: list[tuple[str, str]] = field(repr=False)
    deadline: float
    body: Iterable[bytes] = ()
    into: Callable[[bytes], object] | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back.

    Attributes:
        status: of HTTP.
        headers: by their names in lower case.
        body: some of the first, see `Exchange.drain`.
    """

    status: int
    headers: Mapping[bytes, bytes]
    body: bytes


class NoReplyError(Exception):
    """Nothing came back that could be understood.

    Attributes:
        answer: what that means.
    """

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.reason)
        self.answer = answer


class Connections:
    """As many connections as there are requests at the same time. Threads may share them.

    Args:
        endpoint: of the receiver.
        identity: what connections are made with.
        certificates: the receiver may know its clients by certificates. Where it does not, a connection that ends
            without a word is an outage, and never a certificate that was missed.
    """

    def __init__(self, endpoint: ReceiverEndpoint, identity: Identity, *, certificates: bool = True) -> None:
        self._endpoint = endpoint
        self._identity = identity
        self._certificates = certificates
        self._common = [("Host", endpoint.host), ("User-Agent", "baler")]
        self._lock = threading.Lock()
        self._kept: list[tuple[Wire, Moment]] = []
        self._closed = False

    def ask(self, request: Request) -> Reply:
        """Send a request once, and return what came back. No redirect is followed.

        A kept connection that turns out to be dead before any of the body was sent costs nothing: it is sent over a new
        one. After that nobody knows what the receiver has got, and that is the answer.

        Raises:
            NoReplyError: no connection, no answer in time, or none that can be understood.
            UnusableCredentialsError: the client's certificate is not valid now.
            Exception: whatever `request.body` raises.
        """
        self._identity.check(time.time())
        wire = self._take()
        if wire is not None:
            reply = self._try(wire, request, kept=True)
            if reply is not None:
                return reply
        try:
            wire = Wire.open(self._endpoint, self._identity.context, request.deadline)
        except OSError as error:
            # Who leaves amid the handshake has not seen yet whether we have a certificate.
            raise self._without_reply(error, vouched=True, connected=False) from error
        reply = self._try(wire, request, kept=False)
        assert reply is not None  # noqa: S101 - only a kept connection has none
        return reply

    def close(self) -> None:
        """Close the connections that nobody uses; those in use end with their request."""
        with self._lock:
            self._closed = True
            kept, self._kept = self._kept, []
        for wire, _ in kept:
            wire.close()

    def _try(self, wire: Wire, request: Request, *, kept: bool) -> Reply | None:
        """Send over a connection; None where it was a kept one that is known to have brought nothing of the body."""
        exchange = Exchange(wire, request.deadline)
        try:
            head = exchange.run(request.method, request.target, [*self._common, *request.headers], request.body)
            if request.into is not None and HTTPStatus.OK <= head.status_code < HTTPStatus.MULTIPLE_CHOICES:
                exchange.read(request.into)
                body = b""
            else:
                body = exchange.drain()
        except _FAILURES as error:
            if kept and not exchange.heard and not exchange.body_begun and not isinstance(error, TimeoutError):
                return None
            vouched = kept or exchange.heard or wire.vouched
            raise self._without_reply(error, vouched=vouched, connected=True) from error
        finally:
            if exchange.reusable:
                self._keep(wire)
            else:
                wire.close()
        return Reply(head.status_code, dict(head.headers), body)

    def _without_reply(self, error: Exception, *, vouched: bool, connected: bool) -> NoReplyError:
        identity = self._identity
        vouched = vouched or not self._certificates
        circumstances = Circumstances(identity.has_certificate, identity.has_ca, vouched, connected)
        return NoReplyError(answer_of_failure(error, circumstances))

    def _take(self) -> Wire | None:
        """Return a kept connection that is young and on which nothing has come since."""
        while True:
            with self._lock:
                if not self._kept:
                    return None
                wire, since = self._kept.pop()
            if since.seconds_ago() < IDLE_SECONDS and wire.is_quiet():
                return wire
            wire.close()

    def _keep(self, wire: Wire) -> None:
        with self._lock:
            if not self._closed and len(self._kept) < _KEPT_MAX:
                self._kept.append((wire, Moment()))
                return
        wire.close()
