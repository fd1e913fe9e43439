"""An HTTP server that says what the test wrote down, answer by answer, also what no good server would."""

from __future__ import annotations

import socketserver
import threading
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Generator


@dataclass(frozen=True)
class Says:
    """What is sent for one request.

    Attributes:
        raw: as it goes over the connection; nothing is added.
        hangs_up: close the connection then.
        stalls: leave it open, and say nothing more until the server ends.
        drips: then send bytes one by one for ever, each sooner than any time-out for a read.
    """

    raw: bytes = b""
    drips: bytes = b""
    hangs_up: bool = False
    stalls: bool = False


def chunked(body: bytes, status: str = "200 OK", **headers: str) -> Says:
    """An answer as S3 sends its errors: without Content-Length, in two chunks."""
    half = len(body) // 2
    pieces = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (body[:half], body[half:]) if piece)
    return answer(pieces + b"0\r\n\r\n", status, content_length="", transfer_encoding="chunked", **headers)


def unframed(body: bytes, status: str = "200 OK") -> Says:
    """An answer whose end is that of the connection."""
    return replace(answer(body, status, content_length="", connection="close"), hangs_up=True)


def answer(body: bytes = b"", status: str = "200 OK", **headers: str) -> Says:
    """An answer as it should be; headers are named with `_` for `-`."""
    lines = {"content-length": str(len(body))} | {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
    return Says(f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body)


@dataclass
class ScriptedServer:
    """A running server.

    Attributes:
        url: its address.
        connections, closed: how many were opened so far, and how many this side has closed.
        requests: head and body of each, as they came.
    """

    script: list[Says]
    url: str = ""
    connections: int = 0
    closed: int = 0
    requests: list[tuple[str, bytes]] = field(default_factory=list[tuple[str, bytes]])
    ending: threading.Event = field(default_factory=threading.Event)

    def next_says(self) -> Says:
        """Take the next answer of the script; the last one stays."""
        return self.script[0] if len(self.script) == 1 else self.script.pop(0)


@contextmanager
def scripted_server(
    *script: Says,
    tls: ssl.SSLContext | None = None,
    by_path: Callable[[str], Says | None] = lambda _: None,
    dies: Says | None = None,
    dying: int = 0,
) -> Generator[ScriptedServer]:
    """Serve on a free port.

    Args:
        script: answers; the last is that to all later requests too.
        tls: what a server over TLS shows.
        by_path: what is said to a request for some paths, whatever the script.
        dies: what is said to the second request of a connection, for the first `dying` of them, whatever the script.
        dying: how many connections die.
    """
    scripted = ScriptedServer(list(script))

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            scripted.connections += 1
            mortal, served = scripted.connections <= dying, 0
            while head := self._head():
                length = next(
                    (int(line[15:]) for line in head.lower().split("\r\n") if line[:15] == "content-length:"), 0
                )
                scripted.requests.append((head, self.rfile.read(length)))
                says = dies if mortal and served else by_path(head.split()[1])
                says = says or scripted.next_says()
                served += 1
                self.wfile.write(says.raw)
                while says.drips and not scripted.ending.wait(0.05):
                    self.wfile.write(says.drips)
                if says.stalls:
                    scripted.ending.wait(600)
                if says.hangs_up or says.stalls:
                    return

        def _head(self) -> str:
            lines: list[str] = []
            while (line := self.rfile.readline().decode()).strip():
                lines.append(line)
            return "".join(lines)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        request_queue_size = 128

        def finish_request(self, request: Any, client_address: Any) -> None:
            # Whoever leaves half-way, or does not like the certificate, does what the test wants.
            with suppress(OSError), ExitStack() as stack:
                wire = stack.enter_context(tls.wrap_socket(request, server_side=True)) if tls else request
                super().finish_request(wire, client_address)

        def shutdown_request(self, request: Any) -> None:
            super().shutdown_request(request)
            scripted.closed += 1

    with Server(("127.0.0.1", 0), Handler) as server:
        scripted.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield scripted
        finally:
            scripted.ending.set()
            server.shutdown()
            thread.join()
