"""Who receives in the benchmark of deliveries: takes bytes over TLS as fast as OpenSSL decrypts them, and drops them.

It speaks as much of HTTP as the contestants need: a POST is acknowledged; a PUT, or an upload in parts, is an object
whose metadata a HEAD returns. Only the standard library. Argument: a file with a certificate and its key, as PEM.
"""

from __future__ import annotations

import re
import socket
import ssl
import sys
import threading
from collections import OrderedDict
from typing import Final
from urllib.parse import urlsplit

_BLOCK_BYTES: Final = 256 * 1024
_HEAD_BYTES: Final = 64 * 1024
_KEPT_OBJECTS: Final = 1000
_LOOPBACK: Final = "127.0.0.1"
_UPLOAD: Final = b"<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>"
_COMPLETED: Final = b'<CompleteMultipartUploadResult><ETag>"0-1"</ETag></CompleteMultipartUploadResult>'


class Sink:
    """The objects, of which the size and the headers are kept and nothing else."""

    def __init__(self) -> None:
        self._objects: OrderedDict[str, tuple[int, dict[str, str]]] = OrderedDict()
        self._lock = threading.Lock()

    def serve(self, connection: ssl.SSLSocket) -> None:
        """Answer the requests of one connection, until it ends."""
        buffer = memoryview(bytearray(_BLOCK_BYTES))
        with connection:
            try:
                connection.do_handshake()
                kept = b""
                while True:
                    head, rest = _head(connection, kept)
                    if head is None:
                        return
                    kept = self._request(connection, buffer, head, rest)
            except OSError:
                return

    def _request(self, connection: ssl.SSLSocket, buffer: memoryview, head: str, rest: bytes) -> bytes:
        """Take one request's body and answer it; returns what came after it."""
        first, *lines = head.split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        size = int(headers.get("content-length", "0"))
        if headers.get("expect", "").lower() == "100-continue":
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        left = size - len(rest)
        while left > 0:
            got = connection.recv_into(buffer[: min(left, _BLOCK_BYTES)])
            if not got:
                raise ConnectionError("the body was cut")
            left -= got
        connection.sendall(self._answer(method, target, headers, size))
        return rest[size:]

    def _answer(self, method: str, target: str, headers: dict[str, str], size: int) -> bytes:
        parts = urlsplit(target)
        body, extra, status = b"", {"ETag": '"0"'}, "200 OK"
        if method == "PUT" and not parts.query:
            self._keep(parts.path, size, headers)
        elif method == "POST" and re.match("uploads", parts.query):
            body = _UPLOAD
        elif method == "POST" and parts.query:
            body = _COMPLETED
        elif method == "HEAD" and parts.path.count("/") == 1:
            pass  # the bucket is there
        elif method in {"HEAD", "GET"}:
            found = self._objects.get(parts.path)
            if found is None:
                return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
            size, kept = found
            meta = {name: value for name, value in kept.items() if name.startswith("x-amz-meta-")}
            return _message(status, {**extra, **meta, "Content-Length": str(size)})
        return _message(status, {**extra, "Content-Length": str(len(body))}) + body

    def _keep(self, path: str, size: int, headers: dict[str, str]) -> None:
        with self._lock:
            self._objects[path] = (size, headers)
            if len(self._objects) > _KEPT_OBJECTS:
                self._objects.popitem(last=False)


def _message(status: str, headers: dict[str, str]) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode("latin-1")


def _head(connection: ssl.SSLSocket, kept: bytes) -> tuple[str | None, bytes]:
    """Read up to the end of the headers; returns them, and what came of the body with them."""
    data = kept
    while b"\r\n\r\n" not in data:
        more = connection.recv(_HEAD_BYTES)
        if not more:
            return None, b""
        data += more
    head, _, rest = data.partition(b"\r\n\r\n")
    return head.decode("latin-1"), rest


def main() -> None:
    """Listen on a free port of loopback, print it, and serve until standard input ends."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1])
    sink = Sink()
    listening = socket.create_server((_LOOPBACK, 0))
    threading.Thread(target=_accept, args=(listening, context, sink), daemon=True).start()
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    sys.stdin.read()


def _accept(listening: socket.socket, context: ssl.SSLContext, sink: Sink) -> None:
    while True:
        plain, _ = listening.accept()
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=sink.serve, args=(connection,), daemon=True).start()


if __name__ == "__main__":
    main()
