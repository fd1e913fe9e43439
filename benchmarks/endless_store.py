"""An S3 that has every object, of one size, and takes whatever is put: large batches without a disk full of them."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Final

from benchmarks.content import json_lines
from sandbox.localstack.ports import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Generator

_CHUNK_BYTES: Final = 256 * 1024


@contextmanager
def endless_store(object_bytes: int) -> Generator[str]:
    """Serve for the length of a block; yields the URL.

    Args:
        object_bytes: size of every object; they hold JSON lines.
    """
    content = memoryview(json_lines(object_bytes))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.send_response_only(HTTPStatus.OK)
            self.send_header("content-length", str(len(content)))
            self.send_header("etag", '"0"')
            self.end_headers()
            self.wfile.write(content)

        def do_PUT(self) -> None:
            left = int(self.headers["content-length"])
            while left:
                left -= len(self.rfile.read(min(left, _CHUNK_BYTES)))
            self.send_response_only(HTTPStatus.OK)
            self.send_header("content-length", "0")
            self.send_header("etag", '"0"')
            self.end_headers()

        def handle_expect_100(self) -> bool:
            self.send_response_only(HTTPStatus.CONTINUE)
            self.end_headers()
            return True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Say nothing."""

    with ThreadingHTTPServer((LOOPBACK, 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://{LOOPBACK}:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
