"""One request over one connection: what is sent, what comes back, and when it is enough."""

from __future__ import annotations

import ssl
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import h11

from runtime.files.receivers.http.wire import EndError, NoTimeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from runtime.files.receivers.http.wire import Wire

# Of an answer: its headers, its body, and the time for the body. What counts is the status: a NiFi flow that answers
# with the bundle itself sends all of it back (docs/receiver-answers.md).
_HEAD_BYTES: Final = 32 * 1024
_BODY_BYTES: Final = 64 * 1024
_BODY_SECONDS: Final = 1.0
# A receiver or a proxy that does not know Expect says nothing: the body follows after this (RFC 9110, 10.1.1).
_CONTINUE_SECONDS: Final = 1.0
# For the answer of a receiver to which no more can be sent.
_LAST_WORDS_SECONDS: Final = 2.0


class EarlyAcceptanceError(Exception):
    """The receiver said 2xx before it had the body, and then did not take the rest: it cannot have checked it."""


class Exchange:
    """A request and its answer.

    Args:
        wire: the connection, on which nothing else is going on.
        deadline: when all of it is over, seconds since the epoch.

    Attributes:
        body_begun: some of the body may have been sent.
        heard: something of an answer came.
        reusable: the connection is good for another request.
    """

    def __init__(self, wire: Wire, deadline: float) -> None:
        self._wire = wire
        self._deadline = deadline
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEAD_BYTES)
        # The final answer, once it came; whether the receiver said that it wants the body; whether all of it went out.
        self._head: h11.Response | None = None
        self._continued = False
        self._all_sent = False
        self.body_begun = False
        self.heard = False
        self.reusable = False

    def run(self, method: str, target: str, headers: list[tuple[str, str]], body: Iterable[bytes]) -> h11.Response:
        """Send a request, and return the head of the final answer.

        Where `headers` expect 100-continue, the body waits for the receiver's word. An answer that comes before all is
        sent ends the sending, but for 2xx: that is an acknowledgement only once the receiver has had all of the body.

        Raises:
            OSError: the connection broke before an answer, or the deadline passed.
            h11.RemoteProtocolError: the answer is none of HTTP.
            EarlyAcceptanceError: see there.
        """
        self._put(h11.Request(method=method, target=target, headers=headers))
        try:
            if any(name == "Expect" for name, _ in headers):
                self._wait_for_word()
            if not self._is_over():
                self._send(body)
            while self._head is None:
                self._hear(self._wire.receive(self._deadline))
        except (EndError, BrokenPipeError, ConnectionResetError) as error:
            if self._head is None:
                self._hear_last_words(error)
        assert self._head is not None  # noqa: S101 - heard by now
        if _accepts(self._head) and not self._all_sent:
            raise EarlyAcceptanceError
        return self._head

    def drain(self) -> bytes:
        """Read what is left of the answer, within bounds, so that the connection may serve again; return some of it."""
        found = bytearray()
        try:
            for piece in self._pieces(min(self._deadline, time.time() + _BODY_SECONDS)):
                found += piece
                if len(found) >= _BODY_BYTES:
                    break
        except (OSError, h11.RemoteProtocolError):
            pass
        return bytes(found)

    def read(self, into: Callable[[bytes], object]) -> None:
        """Read all of the answer, however long it is.

        Raises:
            OSError: it broke off, or the deadline passed.
            h11.RemoteProtocolError: it broke off.
        """
        for piece in self._pieces(self._deadline):
            into(piece)

    def _pieces(self, deadline: float) -> Iterator[bytes]:
        while (event := self._http.next_event()) is h11.NEED_DATA or isinstance(event, h11.Data):
            if isinstance(event, h11.Data):
                yield bytes(event.data)
            else:
                self._http.receive_data(self._wire.receive(deadline))
        # What came after the answer is none of the next one's.
        self.reusable = {self._http.our_state, self._http.their_state} == {h11.DONE} and not self._http.trailing_data[0]

    def _put(self, event: h11.Event) -> None:
        data = self._http.send(event)
        if data:
            self._wire.put(data)

    def _is_over(self) -> bool:
        """Whether an answer came that ends the sending."""
        return self._head is not None and not _accepts(self._head)

    def _wait_for_word(self) -> None:
        """Wait until the receiver wants the body, has answered without it, or is silent for long enough."""
        until = min(self._deadline, time.time() + _CONTINUE_SECONDS)
        try:
            self._flush(until)
            while self._head is None and not self._continued:
                self._hear(self._wire.receive(until))
        except NoTimeError:
            if until >= self._deadline:
                raise

    def _send(self, body: Iterable[bytes]) -> None:
        """Send the body, unless an answer comes before its end that ends it."""
        for piece in body:
            self.body_begun = True
            self._put(h11.Data(data=piece))
            self._flush(self._deadline)
            if self._is_over():
                return
        self._put(h11.EndOfMessage())
        self._flush(self._deadline)
        self._all_sent = not self._is_over()

    def _flush(self, deadline: float) -> None:
        """Send what was put, unless an answer comes meanwhile that ends the sending."""
        while not self._wire.flush(deadline):
            data = self._wire.received()
            if data is not None and self._head is not None:
                raise EarlyAcceptanceError  # it goes on with its answer and does not take the rest
            if data is not None:
                self._hear(data)
            if self._is_over():
                return
        # Between two pieces too: an answer may have come while there was room for all of one.
        if self._head is None and (data := self._wire.received()) is not None:
            self._hear(data)

    def _hear(self, data: bytes) -> None:
        """Take what came: the final answer, or interim ones, of which 100 alone means anything."""
        if not data:
            raise EndError("the connection ended before an answer")
        self.heard = True
        self._http.receive_data(data)
        while self._head is None and (event := self._http.next_event()) is not h11.NEED_DATA:
            if isinstance(event, h11.Response):
                if not event.http_version.startswith(b"1."):
                    raise h11.RemoteProtocolError("not the HTTP that was spoken")
                self._head = event
            elif isinstance(event, h11.InformationalResponse):
                self._continued = self._continued or event.status_code == HTTPStatus.CONTINUE

    def _hear_last_words(self, error: OSError) -> None:
        """Hear the answer of a receiver to which no more can be sent.

        Raises:
            OSError: what the receiver said of TLS, or the error that ended the sending.
        """
        until = min(self._deadline, time.time() + _LAST_WORDS_SECONDS)
        try:
            while self._head is None:
                self._hear(self._wire.receive(until))
        except ssl.SSLError:
            raise  # it said why
        except OSError:
            raise error from None


def _accepts(answer: h11.Response) -> bool:
    return HTTPStatus.OK <= answer.status_code < HTTPStatus.MULTIPLE_CHOICES
