"""The name of an event that stays the same however often its record is read."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from baler.events.stream_record import StreamRecord


def record_id(record: StreamRecord) -> str:
    """Return SHA-256, 64 hexadecimal digits, of the place in the shard and the producer's exact bytes.

    Two records of the same bytes differ by their sequence number, and two that were packed into one record by their
    place in it.
    """
    place = f"{record.sequence_number}/{record.sub_sequence}/"
    return hashlib.sha256(place.encode() + record.data).hexdigest()
