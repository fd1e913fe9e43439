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
            answer = self._word() if any(name == "Expect" for name, _ in headers) else None
            if answer is None or _accepts(answer):
                answer = self._send(body, answer)
        except (BrokenPipeError, ConnectionResetError) as error:
            answer = self._last_words(error)
        if _accepts(answer) and self._http.our_state is not h11.DONE:
            raise EarlyAcceptanceError
        return answer

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

    def _word(self) -> h11.Response | None:
        """Wait for the receiver's word on the head alone; None if it wants the body, or says nothing."""
        until = min(self._deadline, time.time() + _CONTINUE_SECONDS)
        try:
            self._flush_head(until)
            while True:
                event = self._http.next_event()
                if event is h11.NEED_DATA:
                    self._hear(self._wire.receive(until))
                elif isinstance(event, h11.Response):
                    return event
                elif isinstance(event, h11.InformationalResponse) and event.status_code == HTTPStatus.CONTINUE:
                    return None
        except NoTimeError:
            if until >= self._deadline:
                raise
            return None

    def _flush_head(self, until: float) -> None:
        while not self._wire.flush(until):
            pass

    def _send(self, body: Iterable[bytes], early: h11.Response | None) -> h11.Response:
        """Send the body and wait for the answer, unless one comes before that ends it."""
        answer = early
        for piece in body:
            self.body_begun = True
            self._put(h11.Data(data=piece))
            answer = self._flush(answer)
            if answer is not None and not _accepts(answer):
                return answer
        self._put(h11.EndOfMessage())
        answer = self._flush(answer)
        while answer is None:
            answer = self._answer(self._wire.receive(self._deadline))
        return answer

    def _flush(self, answer: h11.Response | None) -> h11.Response | None:
        """Send what was put, and return the answer if it came meanwhile; one that accepts does not end the sending."""
        while True:
            sent = self._wire.flush(self._deadline)
            data = self._wire.received()
            if data is not None and answer is None:
                answer = self._answer(data)
            elif data is not None and not sent:
                raise EarlyAcceptanceError  # it goes on with its answer and does not take the rest
            if sent or (answer is not None and not _accepts(answer)):
                return answer

    def _answer(self, data: bytes) -> h11.Response | None:
        """Take what came; the final answer, if that was in it. Interim ones (100, 102, 103) are passed over."""
        self._hear(data)
        while (event := self._http.next_event()) is not h11.NEED_DATA:
            if isinstance(event, h11.Response):
                return event
        return None

    def _hear(self, data: bytes) -> None:
        if not data:
            raise EndError("the connection ended before an answer")
        self.heard = True
        self._http.receive_data(data)

    def _last_words(self, error: OSError) -> h11.Response:
        """Return the answer of a receiver to which no more can be sent.

        Raises:
            OSError: what the receiver said of TLS, or the error that ended the sending.
        """
        until = min(self._deadline, time.time() + _LAST_WORDS_SECONDS)
        try:
            while True:
                answer = self._answer(self._wire.receive(until))
                if answer is not None:
                    return answer
        except ssl.SSLError:
            raise  # it said why
        except OSError:
            raise error from None


def _accepts(answer: h11.Response) -> bool:
    return HTTPStatus.OK <= answer.status_code < HTTPStatus.MULTIPLE_CHOICES
