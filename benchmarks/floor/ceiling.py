"""How many requests a second a server answers at most, asked with bare sockets: what a contestant could get there."""

from __future__ import annotations

import re
import selectors
import socket
import time
from itertools import islice
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from benchmarks.errors import BenchmarkError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CONNECTIONS: Final = 16
"""As many as the aggregator has."""
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_END: Final = b"\r\n\r\n"
_BLOCK_BYTES: Final = 256 * 1024
_SECONDS: Final = 60.0


class _Asker:
    """One connection, on which the next request follows the answer to the last."""

    def __init__(self, address: tuple[str, int], requests: Iterator[bytes]) -> None:
        self.socket = socket.create_connection(address, _SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._requests = requests
        self._received = b""

    def ask(self) -> bool:
        """Send the next request; False where there is none."""
        request = next(self._requests, None)
        if request is not None:
            self.socket.sendall(request)
        return request is not None

    def is_answered(self) -> bool:
        """Take what has come; whether the answer is complete.

        Raises:
            BenchmarkError: it is another one than 200, or the connection was closed.
        """
        data = self.socket.recv(_BLOCK_BYTES)
        self._received += data
        end = self._received.find(_END)
        if not data or not self._received.startswith(b"HTTP/1.1 200"[: len(self._received)]):
            raise BenchmarkError(f"the floor answered {self._received[:200]!r}")
        if end < 0:
            return False
        length = _LENGTH.search(self._received, 0, end + 2)
        is_complete = len(self._received) >= end + len(_END) + (int(length[1]) if length else 0)
        if is_complete:
            self._received = b""
        return is_complete


def requests_per_second(url: str, requests: Sequence[bytes]) -> float:
    """Send requests, some at a time, and return the rate of their answers.

    Args:
        url: of the server.
        requests: whole, signed ones.

    Raises:
        BenchmarkError: one was refused, or nothing came for a minute.
    """
    parts = urlsplit(url)
    left = iter(requests)
    with selectors.DefaultSelector() as selector:
        askers = [_Asker((parts.hostname or "", parts.port or 0), left) for _ in range(_CONNECTIONS)]
        try:
            start = time.perf_counter()
            for asker in islice(askers, len(requests)):
                asker.ask()
                selector.register(asker.socket, selectors.EVENT_READ, asker)
            while selector.get_map():
                ready = selector.select(_SECONDS)
                if not ready:
                    raise BenchmarkError("the floor did not answer")
                for key, _ in ready:
                    if key.data.is_answered() and not key.data.ask():
                        selector.unregister(key.fileobj)
            return len(requests) / (time.perf_counter() - start)
        finally:
            for asker in askers:
                asker.socket.close()
