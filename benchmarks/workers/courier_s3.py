"""Ours: the courier's receiver of the delivery `s3`: a conditional put, and a HEAD that sees that it is there."""

from __future__ import annotations

from itertools import count
from typing import Any, Final

from benchmarks.workers.known_secret import credentials
from benchmarks.workers.parcel import send
from benchmarks.workers.serve import serve
from runtime.files.receivers.s3.receiver import S3Receiver
from runtime.files.receivers.s3.settings import StoreSettings

_KEYS: Final = {"access_key_id": "test", "secret_access_key": "test"}


class CourierWorker:
    """Keeps its connection, as an execution environment does."""

    def __init__(self) -> None:
        self._receiver: S3Receiver | None = None
        self._numbers = count()

    def work(self, request: dict[str, Any]) -> int:
        """Put a bundle some times; returns how often it is there.

        Args:
            request: as benchmarks/workers/courier_http.py takes it.
        """
        if self._receiver is None:
            settings = StoreSettings(f"https://localhost:{request['port']}", "127.0.0.1", "bundles")
            self._receiver = S3Receiver.over_tls(settings, credentials(_KEYS, request["authority"]))
        return send(self._receiver, request, self._numbers)

    def close(self) -> None:
        """Close the connection."""
        if self._receiver is not None:
            self._receiver.close()


if __name__ == "__main__":
    serve(CourierWorker().work)
