"""An HTTP server that says what the test wrote down, answer by answer, also what no good server would."""

from __future__ import annotations

import socketserver
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator


@dataclass(frozen=True)
class Says:
    """What is sent for one request.

    Attributes:
        raw: as it goes over the connection; nothing is added.
        hangs_up: close the connection then.
        stalls: leave it open, and say nothing more until the server ends.
    """

    raw: bytes = b""
    hangs_up: bool = False
    stalls: bool = False


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


@contextmanager
def scripted_server(*script: Says) -> Generator[ScriptedServer]:
    """Serve the script on a free port; the last answer is that to all later requests too."""
    scripted = ScriptedServer(list(script))

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            scripted.connections += 1
            while head := self._head():
                length = next(
                    (int(line[15:]) for line in head.lower().split("\r\n") if line[:15] == "content-length:"), 0
                )
                scripted.requests.append((head, self.rfile.read(length)))
                says = scripted.script[0] if len(scripted.script) == 1 else scripted.script.pop(0)
                self.wfile.write(says.raw)
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

        def shutdown_request(self, request: Any) -> None:
            super().shutdown_request(request)
            scripted.closed += 1

    with Server(("127.0.0.1", 0), Handler) as server:
        scripted.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield scripted
        finally:
            scripted.ending.set()
            server.shutdown()
            thread.join()
