"""Ours: the courier's receiver of the delivery `http`."""

from __future__ import annotations

import time
from itertools import count
from pathlib import Path
from typing import Any, Final

from baler.files.courier.answer import Meaning
from baler.files.courier.delivery_record import DeliveryId
from benchmarks.workers.bundle_file import SHA256, BundleFile, bundle_id
from benchmarks.workers.known_secret import credentials
from benchmarks.workers.serve import serve
from runtime.files.courier.ports import Parcel
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
        accepted = 0
        for _ in range(request["times"]):
            parcel = _parcel(request["path"], next(self._numbers))
            accepted += self._receiver.send(parcel, time.time() + _SECONDS).meaning is Meaning.ACCEPTED
        return accepted


def _parcel(path: str, number: int) -> Parcel:
    return Parcel(
        delivery=DeliveryId(bundle_id(number)),
        sha256=SHA256,
        file_count=100,
        size=Path(path).stat().st_size,
        oldest_event_at=None,
        body=BundleFile(path),
    )


if __name__ == "__main__":
    serve(CourierWorker().work)
