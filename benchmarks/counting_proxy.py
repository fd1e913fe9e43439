"""Passes requests on to a LocalStack and counts them: what a client library itself says of its calls is not asked."""

from __future__ import annotations

import http.client
import json
import math
import threading
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from sandbox.localstack.ports import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

# DynamoDB bills a write by the started KB of the item (Developer Guide, "Read and write operations").
_WRITE_UNIT_BYTES: Final = 1024
_HOP_BY_HOP: Final = frozenset({"connection", "transfer-encoding", "keep-alive", "expect"})


class Counts:
    """What passed through.

    Attributes:
        calls: requests by operation, for example "GET object" or "PutItem".
        write_units: of DynamoDB, as its price list counts them.
    """

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.write_units = 0
        self._lock = threading.Lock()

    def note(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> None:
        """Count one request."""
        target = headers.get("x-amz-target", "")
        operation = target.rpartition(".")[2] or f"{method} {_what(path)}"
        with self._lock:
            self.calls[operation] += 1
            if operation == "PutItem":
                self.write_units += write_units(json.loads(body)["Item"])
            elif operation == "BatchExecuteStatement":
                self.write_units += sum(map(_units_of_insert, json.loads(body)["Statements"]))
            elif operation in {"DeleteItem", "UpdateItem"}:
                self.write_units += 1


def write_units(item: Mapping[str, Mapping[str, str]]) -> int:
    """Return what writing an item of strings and numbers costs, at the most: a number counts as its digits."""
    size = sum(len(name.encode()) + sum(len(text.encode()) for text in value.values()) for name, value in item.items())
    return max(1, math.ceil(size / _WRITE_UNIT_BYTES))


def _units_of_insert(statement: Mapping[str, Any]) -> int:
    """Return what a statement costs, at the most: the names of the item's attributes are some of its text."""
    values = {str(number): value for number, value in enumerate(statement["Parameters"])}
    return write_units({statement["Statement"]: {}, **values})


def _what(path: str) -> str:
    return "object" if urlsplit(path).path.strip("/").count("/") else "bucket"


@contextmanager
def counting_proxy(endpoint: str) -> Generator[tuple[str, Counts]]:
    """Run a proxy for the length of a block; yields its URL and what it has counted."""
    counts = Counts()
    upstream = urlsplit(endpoint).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            self.upstream = http.client.HTTPConnection(upstream, timeout=60)

        def finish(self) -> None:
            self.upstream.close()
            super().finish()

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            counts.note(self.command, self.path, headers, body)
            passed_on = {name: value for name, value in headers.items() if name not in _HOP_BY_HOP}
            self.upstream.request(self.command, self.path, body or None, passed_on)
            answer = self.upstream.getresponse()
            content = answer.read()
            self.send_response_only(answer.status, answer.reason)
            for name, value in answer.getheaders():
                if name.lower() not in _HOP_BY_HOP | {"content-length"}:
                    self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def handle_expect_100(self) -> bool:
            self.send_response_only(http.HTTPStatus.CONTINUE)
            self.end_headers()
            return True

    with ThreadingHTTPServer((LOOPBACK, 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://{LOOPBACK}:{server.server_port}", counts
        finally:
            server.shutdown()
            thread.join()
