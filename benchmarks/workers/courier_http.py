"""Ours: the courier's receiver of the delivery `http`."""

from __future__ import annotations

from itertools import count
from typing import Any

from benchmarks.workers.known_secret import credentials
from benchmarks.workers.parcel import send
from benchmarks.workers.serve import serve
from runtime.files.receivers.http.endpoint import ReceiverEndpoint
from runtime.files.receivers.http.receiver import HttpReceiver


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
        return send(self._receiver, request, self._numbers)

    def close(self) -> None:
        """Close the connection."""
        if self._receiver is not None:
            self._receiver.close()


if __name__ == "__main__":
    serve(CourierWorker().work)
