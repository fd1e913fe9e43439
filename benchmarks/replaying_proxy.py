"""`python -m benchmarks.replaying_proxy <port> <upstream>`: asks a store once for each request, and then repeats it.

So what is measured waits for no emulator, whose own time grows with what it holds and with what else the machine does.
"""

from __future__ import annotations

import http.client
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import urlsplit

_HEADERS: Final = ("content-type", "x-amz-crc32")
_READ_ONLY: Final = ("DynamoDB_20120810.Query", "DynamoDB_20120810.BatchGetItem", "DynamoDB_20120810.GetItem")
_SECONDS: Final = 60


class _Replay(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Else the second of two writes waits for 40 ms, in which others take the processor's caches.
    wbufsize = -1
    disable_nagle_algorithm = True
    upstream = ""
    kept: Final[dict[tuple[str, bytes], tuple[int, dict[str, str], bytes]]] = {}
    lock: Final = threading.Lock()

    def do_POST(self) -> None:
        """Answer as the store did, or ask it."""
        target = self.headers["x-amz-target"]
        body = self.rfile.read(int(self.headers["content-length"]))
        key = (target, body)
        found = self.kept.get(key)
        if found is None:
            found = self._asked(body)
            if target in _READ_ONLY:
                with self.lock:
                    self.kept[key] = found
        status, headers, answer = found
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _asked(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(self.upstream, timeout=_SECONDS)
        try:
            connection.request("POST", self.path, body, dict(self.headers.items()))
            answer = connection.getresponse()
            read = answer.read()
            return answer.status, {name: answer.headers[name] for name in _HEADERS if name in answer.headers}, read
        finally:
            connection.close()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing: a line for each request would be most of the work."""


def main(port: int, upstream: str) -> None:
    """Listen on loopback until the process is ended."""
    _Replay.upstream = urlsplit(upstream).netloc
    ThreadingHTTPServer(("127.0.0.1", port), _Replay).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
