"""The frontier of a shard: the sequence number up to which all its records are committed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from baler.events.stream_record import StreamRecord

BEGINNING: Final = ""
"""The frontier of a shard of which nothing is committed: it lies before every sequence number."""


def is_beyond(sequence_number: str, frontier: str) -> bool:
    """Whether a record is not committed yet.

    Sequence numbers are compared as text, which is right because those of one shard are equally long.

    >>> is_beyond("12", "11"), is_beyond("12", "12"), is_beyond("12", BEGINNING)
    (True, False, True)
    """
    return sequence_number > frontier


def beyond(records: Iterable[StreamRecord], frontier: str) -> list[StreamRecord]:
    """Return the records that are not committed yet, in their order."""
    return [record for record in records if is_beyond(record.sequence_number, frontier)]
