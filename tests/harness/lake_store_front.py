"""S3 with one object, and DynamoDB that takes everything at once and knows nothing: for what is measured of a function.

A real one would be as fast; moto copies whole tables for each transaction.
"""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping


class _Server(ThreadingHTTPServer):
    content = b""
    metadata: Mapping[str, str]
    written = 0


class _Front(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:  # the names are the base class's
        headers = {f"x-amz-meta-{name}": value for name, value in self._store.metadata.items()}
        self._answer(self._store.content, headers)

    def do_POST(self) -> None:
        request: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["content-length"])))
        operation = self.headers["x-amz-target"].partition(".")[2]
        if operation == "TransactWriteItems":
            self._store.written += sum("Put" in item for item in request["TransactItems"])
        self._answer(b'{"Responses": {}}' if operation == "BatchGetItem" else b"{}", {})

    @property
    def _store(self) -> _Server:
        assert isinstance(self.server, _Server)
        return self.server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's names
        pass

    def _answer(self, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(200)
        for name, value in {**headers, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def store_front(content: bytes, metadata: Mapping[str, str]) -> Generator[_Server]:
    """Serve; the server says how many records were written."""
    server = _Server(("127.0.0.1", 0), _Front)
    server.content, server.metadata = content, metadata
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
