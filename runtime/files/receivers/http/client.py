"""Sends to the receiver as one version of its secret allows: connections are kept with it, and end with it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import h11

from baler.aws.http.moment import Moment
from runtime.files.receivers.http.answers import Circumstances, answer_of_failure, answer_of_status
from runtime.files.receivers.http.exchange import EarlyAcceptanceError, Exchange
from runtime.files.receivers.http.identity import Identity
from runtime.files.receivers.http.secret import HttpSecret
from runtime.files.receivers.http.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Iterable

    from baler.files.courier.answer import Answer
    from runtime.files.receivers.http.endpoint import ReceiverEndpoint

# NiFi closes a connection that was idle for 30 s, and the courier may have been frozen meanwhile.
IDLE_SECONDS: Final = 20.0
# As many as are sent beside each other at most.
_KEPT_MAX: Final = 16

_FAILURES: Final = (OSError, h11.RemoteProtocolError, EarlyAcceptanceError)


@dataclass(frozen=True, slots=True)
class Post:
    """One request.

    Attributes:
        headers: all but those of the endpoint and of the credentials.
        body: read once.
        deadline: when all of it is over, seconds since the epoch.
    """

    headers: list[tuple[str, str]]
    body: Iterable[bytes]
    deadline: float


class HttpClient:
    """A client with one version of the secret.

    Args:
        endpoint: of the receiver.
        text: of the secret.

    Raises:
        UnusableCredentialsError: the secret is not what it should be.
    """

    def __init__(self, endpoint: ReceiverEndpoint, text: str) -> None:
        secret = HttpSecret.parse(text)
        self._endpoint = endpoint
        self._identity = Identity.of(secret)
        self._headers = [("Host", endpoint.host), ("User-Agent", "baler"), *secret.headers]
        self._lock = threading.Lock()
        self._kept: list[tuple[Wire, Moment]] = []
        self._closed = False

    def post(self, post: Post) -> Answer:
        """Send once, and say what became of it.

        A kept connection that turns out to be dead before any of the body was sent costs nothing: it is sent over a new
        one. After that nobody knows what the receiver has got, and that is the answer.

        Raises:
            UnusableCredentialsError: the client's certificate is not valid now.
            Exception: whatever `post.body` raises.
        """
        self._identity.check(time.time())
        wire = self._take()
        if wire is not None:
            answer = self._try(wire, post, kept=True)
            if answer is not None:
                return answer
        try:
            wire = Wire.open(self._endpoint, self._identity.context, post.deadline)
        except OSError as error:
            return answer_of_failure(error, self._circumstances(vouched=False, connected=False))
        answer = self._try(wire, post, kept=False)
        assert answer is not None  # noqa: S101 - only a kept connection has none
        return answer

    def close(self) -> None:
        """Close the connections that nobody uses; those in use end with their request."""
        with self._lock:
            self._closed = True
            kept, self._kept = self._kept, []
        for wire, _ in kept:
            wire.close()

    def _try(self, wire: Wire, post: Post, *, kept: bool) -> Answer | None:
        """Send over a connection; None where it was a kept one that is known to have brought nothing of the body."""
        exchange = Exchange(wire, post.deadline)
        try:
            head = exchange.run(self._endpoint.target, [*self._headers, *post.headers], post.body)
            exchange.drain()
        except _FAILURES as error:
            if kept and not exchange.heard and not exchange.body_begun and not isinstance(error, TimeoutError):
                return None
            return answer_of_failure(
                error, self._circumstances(vouched=kept or exchange.heard or wire.vouched, connected=True)
            )
        finally:
            if exchange.reusable:
                self._keep(wire)
            else:
                wire.close()
        return answer_of_status(head.status_code, dict(head.headers), time.time())

    def _circumstances(self, *, vouched: bool, connected: bool) -> Circumstances:
        return Circumstances(self._identity.has_certificate, self._identity.has_ca, vouched, connected)

    def _take(self) -> Wire | None:
        """Return a kept connection that is young and on which nothing has come since."""
        while True:
            with self._lock:
                if not self._kept:
                    return None
                wire, since = self._kept.pop()
            if since.seconds_ago() < IDLE_SECONDS and wire.is_quiet():
                wire.sent_bytes = 0
                return wire
            wire.close()

    def _keep(self, wire: Wire) -> None:
        with self._lock:
            if not self._closed and len(self._kept) < _KEPT_MAX:
                self._kept.append((wire, Moment()))
                return
        wire.close()
