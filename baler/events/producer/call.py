"""Which of the waiting records go into the next call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from baler.events.producer.outgoing_record import OutgoingRecord

MOST_RECORDS: Final = 500
"""Records of one call at the most: Kinesis API reference, PutRecords."""
MOST_BYTES: Final = 5 * 1024 * 1024
"""Bytes of one call at the most, partition keys included: Kinesis API reference, PutRecords."""


def next_call(waiting: Iterable[OutgoingRecord], most_records: int = MOST_RECORDS) -> list[int]:
    """Return which records make the next call, by their places: one of each partition key, as many as the limits allow.

    The stream takes or refuses each record of a call by itself. Of two of one key the first could be refused and the
    second taken, and sent again the first would come behind it. So the second waits for the answer on the first.
    """
    chosen: list[int] = []
    keys: set[str] = set()
    size = 0
    for place, record in enumerate(waiting):
        # One that no longer fits holds its key back too.
        is_first = record.partition_key not in keys
        keys.add(record.partition_key)
        if is_first and size + record.size <= MOST_BYTES:
            chosen.append(place)
            size += record.size
            if len(chosen) == most_records:
                break
    return chosen
