"""What ours sends, by either delivery: the file as parcels of the courier."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from baler.files.courier.answer import Meaning
from baler.files.courier.delivery_record import DeliveryId
from benchmarks.workers.bundle_file import SHA256, BundleFile, bundle_id
from runtime.files.courier.ports import Parcel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runtime.files.courier.ports import Receiver

_SECONDS: Final = 600.0


def send(receiver: Receiver, request: dict[str, Any], numbers: Iterator[int]) -> int:
    """Send a bundle some times; returns how often it was accepted.

    Args:
        receiver: who gets it.
        request: `path` of the bundle, and `times`.
        numbers: each send takes the next one for its bundle's id.
    """
    size = Path(request["path"]).stat().st_size
    accepted = 0
    for _ in range(request["times"]):
        sent = _parcel(request["path"], size, next(numbers))
        accepted += receiver.send(sent, time.time() + _SECONDS).meaning is Meaning.ACCEPTED
    return accepted


def _parcel(path: str, size: int, number: int) -> Parcel:
    """Return the numbered bundle, with the bytes of a file."""
    return Parcel(
        delivery=DeliveryId(bundle_id(number)),
        sha256=SHA256,
        file_count=100,
        size=size,
        oldest_event_at=None,
        body=BundleFile(path),
    )
