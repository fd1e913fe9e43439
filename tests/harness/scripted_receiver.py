"""A receiver over TLS that does what the test wrote down, connection by connection, also what no good one would."""

from __future__ import annotations

import json
import os
import select
import socket
import ssl
import struct
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from harness.parcels import parcel
from runtime.files.receivers.credentials import Credentials, SecretVersion
from runtime.files.receivers.http.endpoint import ReceiverEndpoint
from runtime.files.receivers.http.receiver import HttpReceiver
from sandbox.localstack.ports import LOOPBACK
from sandbox.receivers.certificates import Authority, Validity

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from baler.files.courier.answer import Answer

NAME = "receiver.premises.example"
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
AUTHORITY = Authority("receivers of tests")


@dataclass
class Peer:
    """The receiver's side of a connection, for the script of a test.

    Attributes:
        wire: over TLS, or plain where there is none.
        heads: what was read of requests' heads.
        body_bytes: what was read beside them.
    """

    wire: socket.socket
    heads: list[str] = field(default_factory=list[str])
    body_bytes: int = 0
    _read: bytes = b""

    def head(self) -> str:
        """Read the head of a request; "" where the connection ended before."""
        while b"\r\n\r\n" not in self._read:
            piece = self.wire.recv(65536)
            if not piece:
                return ""
            self._read += piece
        head, _, self._read = self._read.partition(b"\r\n\r\n")
        self.heads.append(head.decode())
        return self.heads[-1]

    def body(self, most: int | None = None) -> int:
        """Read the body that the last head announces, or some of it; return how many bytes came."""
        wanted = int(header_of(self.heads[-1], "content-length") or 0) if most is None else most
        got, self._read = self._read[:wanted], self._read[wanted:]
        count = len(got)
        while count < wanted:
            piece = self.wire.recv(min(65536, wanted - count))
            if not piece:
                break
            count += len(piece)
        self.body_bytes += count
        return count

    def say(self, data: bytes) -> None:
        self.wire.sendall(data)

    def waits(self, seconds: float) -> bytes:
        """Read whatever comes within some seconds; b"" where nothing does."""
        if self._read:
            return self._read
        self.wire.settimeout(seconds)
        try:
            self._read = self.wire.recv(65536)
        except TimeoutError:
            return b""
        finally:
            self.wire.settimeout(20)
        return self._read

    def stays(self, seconds: float = 20) -> None:
        """Do nothing, and read nothing, until the other side leaves, or for some seconds."""
        leaving = select.poll()
        leaving.register(self.wire, select.POLLRDHUP)
        leaving.poll(seconds * 1000)

    def leaves(self) -> None:
        """End the connection as RFC 9112 (9.6) has it, so that what was said is not lost with what was not read.

        At most some megabytes are read.
        """
        self.wire.shutdown(socket.SHUT_WR)
        raw = socket.socket(fileno=self.wire.detach())
        with raw:
            raw.settimeout(0.3)
            with suppress(OSError):
                for _ in range(64):
                    if not raw.recv(65536):
                        break

    def reset(self) -> None:
        """End the connection by RST."""
        self.wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.wire.close()


def answer(status: str, body: bytes = b"", **headers: str) -> bytes:
    """An answer as it should be; headers are named with `_` for `-`."""
    lines = {"content-length": str(len(body))} | {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


def header_of(head: str, name: str) -> str | None:
    """Return a header of a head, its name in any case."""
    for line in head.split("\r\n")[1:]:
        found, _, value = line.partition(":")
        if found.lower() == name.lower():
            return value.strip()
    return None


@dataclass
class ScriptedReceiver:
    """A running receiver.

    Attributes:
        port: where it listens.
        peers: its connections so far.
        failures: what scripts raised: an assertion of theirs is one of the test's.
    """

    port: int
    peers: list[Peer] = field(default_factory=list[Peer])
    failures: list[BaseException] = field(default_factory=list[BaseException])

    @property
    def url(self) -> str:
        return f"https://{NAME}:{self.port}/contentListener"

    @property
    def endpoint(self) -> ReceiverEndpoint:
        return ReceiverEndpoint.of(self.url, LOOPBACK)

    @property
    def heads(self) -> list[str]:
        """The heads of all requests."""
        return [head for peer in self.peers for head in peer.heads]

    @property
    def body_bytes(self) -> int:
        """What was read of bodies."""
        return sum(peer.body_bytes for peer in self.peers)


def server_context(
    *, wants_certificate: bool = False, name: str = NAME, ended: bool = False, tickets: int = 2
) -> ssl.SSLContext:
    """Return what a receiver shows.

    Args:
        wants_certificate: of clients, signed by AUTHORITY.
        name: in its certificate.
        ended: its certificate is no longer valid.
        tickets: what TLS 1.3 sends once the handshake is accepted.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.num_tickets = tickets
    issued = AUTHORITY.server(name, [LOOPBACK], Validity(-7200, -3600) if ended else Validity())
    with tempfile.TemporaryDirectory() as folder:
        context.load_cert_chain(*issued.write(Path(folder), "server"))
    if wants_certificate:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=AUTHORITY.pem)
    return context


@contextmanager
def scripted_receiver(
    *scripts: Callable[[Peer], None], context: ssl.SSLContext | None = None, plain: bool = False
) -> Generator[ScriptedReceiver]:
    """Serve on a free port; the last script plays for all further connections too.

    Args:
        scripts: what is done on each connection, in their order.
        context: of TLS; a good one unless given.
        plain: there is no TLS.
    """
    context = context or server_context()
    with socket.create_server((LOOPBACK, 0)) as server:
        receiver = ScriptedReceiver(server.getsockname()[1])
        threads: list[threading.Thread] = []

        def play(connection: socket.socket, script: Callable[[Peer], None]) -> None:
            connection.settimeout(20)
            with suppress(OSError), connection:
                wire = connection if plain else context.wrap_socket(connection, server_side=True)
                with wire:
                    peer = Peer(wire)
                    receiver.peers.append(peer)
                    try:
                        script(peer)
                    except (AssertionError, ValueError, IndexError) as error:
                        receiver.failures.append(error)

        def accept() -> None:
            number = 0
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                script = scripts[min(number, len(scripts) - 1)]
                threads.append(threading.Thread(target=play, args=(connection, script), daemon=True))
                threads[-1].start()
                number += 1

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        try:
            yield receiver
        finally:
            server.shutdown(socket.SHUT_RDWR)
            accepting.join(10)
            for thread in threads:
                thread.join(30)
    assert receiver.failures == []


@dataclass
class MemorySecret:
    """The SecretStore port in memory.

    Attributes:
        versions: the newest last; the one before it is the previous one.
        reads: how often which stage was asked for.
        failure: raised by each read.
    """

    versions: list[SecretVersion]
    reads: list[str] = field(default_factory=list[str])
    failure: Exception | None = None

    def current(self) -> SecretVersion | None:
        return self._read("current", 1)

    def previous(self) -> SecretVersion | None:
        return self._read("previous", 2)

    def _read(self, stage: str, back: int) -> SecretVersion | None:
        self.reads.append(stage)
        if self.failure is not None:
            raise self.failure
        return self.versions[-back] if len(self.versions) >= back else None


def secret_text(**fields: str) -> str:
    """The secret of a client who trusts the scripted receivers."""
    return json.dumps({"ca_certificate": AUTHORITY.pem, **fields})


@contextmanager
def http_receiver(endpoint: ReceiverEndpoint, text: str | None = None) -> Generator[HttpReceiver]:
    """The courier's side, with one version of a secret that is years old."""
    versions = [SecretVersion("1", secret_text() if text is None else text, 0.0)]
    receiver = HttpReceiver(endpoint, Credentials(MemorySecret(versions), 300))
    try:
        yield receiver
    finally:
        receiver.close()


SMALL = b"a small bundle"
LARGE = os.urandom(3_000_000)
HUGE = os.urandom(30_000_000)
"""More than any socket takes unread."""


def soon() -> float:
    """A deadline that no test should reach."""
    return time.time() + 20


def accepts(peer: Peer) -> None:
    """The script of a good receiver."""
    while head := peer.head():
        if header_of(head, "Expect"):
            peer.say(CONTINUE)
        peer.body()
        peer.say(OK)


def sent(script: Callable[[Peer], None], data: bytes = SMALL, seconds: float = 20) -> tuple[Answer, int]:
    """Send one parcel to a receiver; return the answer, and how many bytes of the body the receiver read."""
    with scripted_receiver(script) as receiver, http_receiver(receiver.endpoint) as client:
        found = client.send(parcel(data), time.time() + seconds)
    return found, receiver.body_bytes


def unannounced(client: HttpReceiver) -> HttpReceiver:
    """Make a receiver believe that nobody knows Expect, as after a 417."""
    client._expects = False  # pyright: ignore[reportPrivateUsage]
    return client
