"""What ours sends: the file as a parcel of the courier."""

from __future__ import annotations

from baler.files.courier.delivery_record import DeliveryId
from benchmarks.workers.bundle_file import SHA256, BundleFile, bundle_id
from runtime.files.courier.ports import Parcel


def parcel(path: str, size: int, number: int) -> Parcel:
    """Return the numbered bundle, with the bytes of a file."""
    return Parcel(
        delivery=DeliveryId(bundle_id(number)),
        sha256=SHA256,
        file_count=100,
        size=size,
        oldest_event_at=None,
        body=BundleFile(path),
    )
