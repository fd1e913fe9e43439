"""Bundles to send, of any bytes: what a receiver gets never looks into one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from baler.files.bundle.ids import ENTROPY_BYTES, new_bundle_id
from baler.files.courier.delivery_record import DeliveryId
from runtime.files.courier.ports import Parcel

if TYPE_CHECKING:
    from collections.abc import Iterator

_PIECE_BYTES = 128 * 1024


@dataclass
class MemoryBody:
    """The Body port over bytes.

    Attributes:
        data: what is read.
        failure: raised after half of it.
        read_bytes: so far.
        closed: whoever read it is done.
    """

    data: bytes
    failure: Exception | None = None
    read_bytes: int = 0
    closed: bool = False

    def __iter__(self) -> Iterator[bytes]:
        end = len(self.data) // 2 if self.failure else len(self.data)
        while self.read_bytes < end:
            piece = self.data[self.read_bytes : min(self.read_bytes + _PIECE_BYTES, end)]
            self.read_bytes += len(piece)
            yield piece
        if self.failure:
            raise self.failure

    def close(self) -> None:
        self.closed = True


def parcel(  # noqa: PLR0913 - what a test may want of it
    data: bytes = b"a bundle",
    *,
    number: int = 0,
    replay_id: str = "",
    file_count: int = 3,
    sha256: str = "",
    failure: Exception | None = None,
) -> Parcel:
    """Return a bundle that is to be sent.

    Args:
        data: its bytes.
        number: the same for the same bundle.
        replay_id: of the replay that it is from.
        file_count: as its metadata say.
        sha256: as its metadata say; that of the bytes unless given.
        failure: raised by its body after half of the bytes.
    """
    bundle_id = new_bundle_id(1_800_000_000 + number, number.to_bytes(ENTROPY_BYTES, "big"))
    return Parcel(
        delivery=DeliveryId(bundle_id, replay_id),
        sha256=sha256 or hashlib.sha256(data).hexdigest(),
        file_count=file_count,
        size=len(data),
        oldest_event_at=None,
        body=MemoryBody(data, failure),
    )
