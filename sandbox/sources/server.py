"""Serves a stand-in on loopback: its path for everybody, and its control interface for who wants a fault."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import parse_qsl

from sandbox.clients_may_leave import ClientsMayLeave
from sandbox.localstack.ports import LOOPBACK
from sandbox.sources.answer import Answer

if TYPE_CHECKING:
    from collections.abc import Generator

    from sandbox.sources.stand_in import StandIn

CONTROL: Final = "/_control/"
"""What is posted below it is asked of the stand-in: `/_control/fault?kind=html&times=1`."""

_BODY_MAX: Final = 1_000_000
_PIECES: Final = 10
_POLL_SECONDS: Final = 0.05


@contextmanager
def served(stand_in: StandIn, port: int = 0) -> Generator[StandIn]:
    """Serve a stand-in for the length of the block.

    Args:
        stand_in: the API; gets its origin.
        port: on loopback; 0 for any that is free.
    """
    with _Server(stand_in, port) as server:
        stand_in.origin = f"http://{LOOPBACK}:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": _POLL_SECONDS})
        thread.start()
        try:
            yield stand_in
        finally:
            stand_in.ended.set()
            server.shutdown()
            thread.join()


# http.server's own looks up this machine's name, which may take seconds.
class _Server(ClientsMayLeave, ThreadingTCPServer):
    daemon_threads = True  # a client that leaves its connection open holds up nobody
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, stand_in: StandIn, port: int) -> None:
        super().__init__((LOOPBACK, port), _Handler)
        self.stand_in = stand_in


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one piece: else the second waits until the first is acknowledged

    @property
    def _stand_in(self) -> StandIn:
        return cast("_Server", self.server).stand_in

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path.rstrip("/") != self._stand_in.api.path.rstrip("/"):
            self._send(Answer(HTTPStatus.NOT_FOUND, b"{}", {"Content-Type": "application/json"}))
            return
        asked = dict(parse_qsl(query, keep_blank_values=True))
        self._send(self._stand_in.answer(asked, self.headers.get("If-None-Match", "")))

    def do_POST(self) -> None:
        self._leave_body()
        path, _, query = self.path.partition("?")
        if not path.startswith(CONTROL):
            self._send(Answer(HTTPStatus.METHOD_NOT_ALLOWED, b"{}", {"Allow": "GET"}))
            return
        self._send(self._stand_in.control(path.removeprefix(CONTROL), dict(parse_qsl(query, keep_blank_values=True))))

    def _leave_body(self) -> None:
        """Read a body, which nothing here needs, out of the way of the next request."""
        length = self.headers.get("Content-Length", "0")
        if length.isascii() and length.isdigit() and len(length) < len(str(_BODY_MAX)):
            self.rfile.read(int(length))
        else:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as it is called
        """Say nothing: whoever wants to know asks the stand-in."""

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        body = answer.body if answer.sent_bytes is None else answer.body[: answer.sent_bytes]
        for piece in _pieces(body) if answer.seconds else (body,):
            self.wfile.write(piece)
            self.wfile.flush()
            self._stand_in.ended.wait(answer.seconds / _PIECES)
        if answer.sent_bytes is not None:
            self.close_connection = True


def _pieces(body: bytes) -> list[bytes]:
    length = max(1, -(-len(body) // _PIECES))
    return [body[start : start + length] for start in range(0, len(body), length)]
