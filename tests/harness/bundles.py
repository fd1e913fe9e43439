"""Real bundles to send, for receivers that look into them."""

from __future__ import annotations

import hashlib
import itertools
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from baler.files.courier.delivery_record import DeliveryId
from harness.consumer import make_bundle
from harness.parcels import MemoryBody
from runtime.files.courier.ports import Parcel

if TYPE_CHECKING:
    from collections.abc import Mapping

# Not those of an earlier run: another receiver may remember what it has had.
_NUMBERS = itertools.count(int(time.time() * 1000) % 100_000_000)


def bundle_parcel(files: Mapping[str, bytes], *, replay_id: str = "") -> Parcel:
    """Return a bundle that no other test has, of files by their keys."""
    bundle_id, data = make_bundle(list(files.items()), next(_NUMBERS))
    return Parcel(
        delivery=DeliveryId(bundle_id, replay_id),
        sha256=hashlib.sha256(data).hexdigest(),
        file_count=len(files),
        size=len(data),
        oldest_event_at=None,
        body=MemoryBody(data),
    )


def bytes_of(parcel: Parcel) -> bytes:
    """Return the bundle's bytes."""
    assert isinstance(parcel.body, MemoryBody)
    return parcel.body.data


def again(parcel: Parcel, *, replay_id: str | None = None, failure: Exception | None = None) -> Parcel:
    """The same bundle once more, perhaps as another replay, or breaking off after half of its bytes."""
    delivery = parcel.delivery if replay_id is None else replace(parcel.delivery, replay_id=replay_id)
    return replace(parcel, delivery=delivery, body=MemoryBody(bytes_of(parcel), failure))
