"""A TLS connection, each operation of which ends by a deadline, and which listens while it sends.

TLS runs in memory here and the socket is ours: a receiver that answers and goes while it is still being sent to breaks
the sending, and what it said before is then read all the same.
"""

from __future__ import annotations

import select
import socket
import ssl
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from runtime.files.receivers.http.endpoint import ReceiverEndpoint

# A packet that asks for a connection is sent again after one second and after three.
_CONNECT_SECONDS: Final = 5.0
_BLOCK_BYTES: Final = 64 * 1024


class EndError(ConnectionError):
    """The receiver ended the connection."""


class BareEndError(EndError):
    """It did so without a word of TLS about it."""


class NoTimeError(TimeoutError):
    """The deadline has passed."""


class Wire:
    """A connection to the receiver.

    Args:
        sock: connected.
        context: of TLS.
        name: that the receiver's certificate must be for.
    """

    def __init__(self, sock: socket.socket, context: ssl.SSLContext, name: str) -> None:
        self._socket = sock
        self._socket.setblocking(False)
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name)
        self._unsent = memoryview(b"")
        self._version: str | None = None

    @classmethod
    def open(cls, endpoint: ReceiverEndpoint, context: ssl.SSLContext, deadline: float) -> Wire:
        """Dial, and agree on TLS.

        Raises:
            OSError: nobody was reached in time, or there was no agreement (ssl.SSLError); nothing was sent.
        """
        left = min(_left(deadline), _CONNECT_SECONDS)
        sock = socket.create_connection((endpoint.address, endpoint.port), timeout=left)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            wire = cls(sock, context, endpoint.name)
            wire._agree(deadline)
        except BaseException:
            sock.close()
            raise
        return wire

    @property
    def vouched(self) -> bool:
        """Whether the receiver is known to have accepted the handshake, our certificate or the lack of one included.

        By TLS 1.2 it has when the handshake is over. By TLS 1.3 it says so by what it sends after that: tickets, which
        both OpenSSL and Java send at once (RFC 8446, 4.6.1).
        """
        session = self._tls.session
        return self._version != "TLSv1.3" or (session is not None and session.has_ticket)

    def put(self, data: bytes) -> None:
        """Take data to be sent; `flush` sends it."""
        self._tls.write(data)
        fresh = self._outgoing.read()
        self._unsent = memoryview(bytes(self._unsent) + fresh if self._unsent else fresh)

    def flush(self, deadline: float) -> bool:
        """Send what was put; False as soon as something came, though some of it is still to be sent.

        Raises:
            OSError: it broke, or the deadline has passed (NoTimeError).
        """
        while self._unsent:
            try:
                sent = self._socket.send(self._unsent)
            except BlockingIOError:
                # After its end nothing comes, which poll would say again and again.
                events = select.POLLOUT if self._incoming.eof else select.POLLIN | select.POLLOUT
                if self._wait(events, deadline) & select.POLLIN and self._take():
                    return False
                continue
            self._unsent = self._unsent[sent:]
        return True

    def receive(self, deadline: float) -> bytes:
        """Return what comes next; b"" at the end.

        Raises:
            OSError: it broke (BareEndError, ssl.SSLError), or the deadline has passed (NoTimeError).
        """
        while (data := self.received()) is None:
            self._wait(select.POLLIN, deadline)
        return data

    def received(self) -> bytes | None:
        """Return what has come, without waiting; None for nothing, b"" at the end.

        It is asked after each piece that is sent, so the usual answer, nothing, comes without an exception: those, of
        TLS and of the socket, were a tenth of the processor time of sending 100 MB.

        Raises:
            OSError: it broke.
        """
        if not (self._tls.pending() or self._incoming.pending or self._incoming.eof or self._is_readable()):
            return None
        while True:
            try:
                return self._tls.read(_BLOCK_BYTES)
            except ssl.SSLWantReadError:
                if not self._take():
                    return None
            except ssl.SSLZeroReturnError:
                return b""
            except ssl.SSLEOFError as error:
                raise BareEndError("the connection ended without a word of TLS") from error

    def is_quiet(self) -> bool:
        """Whether nothing has come, not even the end: else a kept connection is of no more use."""
        try:
            return self.received() is None
        except OSError:
            return False

    def close(self) -> None:
        """End it."""
        self._socket.close()

    def _agree(self, deadline: float) -> None:
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._push(deadline)
                self._wait(select.POLLIN, deadline)
                self._take()
            except ssl.SSLEOFError as error:
                raise BareEndError("the connection ended during the handshake") from error
            except ssl.SSLError:
                self._tell()
                raise
            else:
                self._version = self._tls.version()  # which nobody can ask for once the connection is broken
                self._push(deadline)
                return

    def _push(self, deadline: float) -> None:
        self._unsent = memoryview(self._outgoing.read())
        while not self.flush(deadline):
            pass

    def _tell(self) -> None:
        """Send the alert that says why we leave, if that is possible at once."""
        try:
            self._socket.send(self._outgoing.read())
        except OSError:
            return

    def _take(self) -> bool:
        """Take from the socket what is there; whether it was anything, the end included."""
        try:
            data = self._socket.recv(_BLOCK_BYTES)
        except BlockingIOError:
            return False
        if data:
            self._incoming.write(data)
        elif self._incoming.eof:
            return False
        else:
            self._incoming.write_eof()
        return True

    def _is_readable(self) -> bool:
        waiting = select.poll()
        waiting.register(self._socket, select.POLLIN)
        return bool(waiting.poll(0))

    def _wait(self, events: int, deadline: float) -> int:
        """Wait for the socket, and return for what."""
        waiting = select.poll()
        waiting.register(self._socket, events)
        ready = waiting.poll(_left(deadline) * 1000)
        if not ready:
            raise NoTimeError("the deadline has passed")
        # An error or a hang-up shows at the next operation, whichever that is.
        happened = ready[0][1]
        return events if happened & ~(select.POLLIN | select.POLLOUT) else happened


def _left(deadline: float) -> float:
    left = deadline - time.time()
    if left <= 0:
        raise NoTimeError("the deadline has passed")
    return left
