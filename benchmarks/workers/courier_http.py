"""Ours: the courier's receiver of the delivery `http`."""

from __future__ import annotations

import time
from itertools import count
from pathlib import Path
from typing import Any, Final

from baler.files.courier.answer import Meaning
from benchmarks.workers.known_secret import credentials
from benchmarks.workers.parcel import parcel
from benchmarks.workers.serve import serve
from runtime.files.receivers.http.endpoint import ReceiverEndpoint
from runtime.files.receivers.http.receiver import HttpReceiver

_SECONDS: Final = 600.0


class CourierWorker:
    """Keeps its connection, as an execution environment does."""

    def __init__(self) -> None:
        self._receiver: HttpReceiver | None = None
        self._numbers = count()

    def work(self, request: dict[str, Any]) -> int:
        """Send a bundle some times; returns how often it was acknowledged.

        Args:
            request: `path` of the bundle, `times`, `port` of the sink, and `authority`, a file.
        """
        if self._receiver is None:
            endpoint = ReceiverEndpoint.of(f"https://localhost:{request['port']}/baler", "127.0.0.1")
            self._receiver = HttpReceiver(endpoint, credentials({}, request["authority"]))
        size = Path(request["path"]).stat().st_size
        accepted = 0
        for _ in range(request["times"]):
            sent = parcel(request["path"], size, next(self._numbers))
            accepted += self._receiver.send(sent, time.time() + _SECONDS).meaning is Meaning.ACCEPTED
        return accepted

    def close(self) -> None:
        """Close the connection."""
        if self._receiver is not None:
            self._receiver.close()


if __name__ == "__main__":
    serve(CourierWorker().work)
