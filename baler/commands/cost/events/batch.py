"""What a batch of records becomes."""

from __future__ import annotations

from typing import Final

from baler.events.event_types import EVENT_TYPES

_TYPES: Final = len(EVENT_TYPES)


def objects_of(records: float) -> float:
    """Return how many objects a batch of so many records makes: one for each type that it has, on average."""
    # A batch that spans a full hour has more, one in 700; late events, and rejected lines, make some more too.
    return _TYPES * (1 - (1 - 1 / _TYPES) ** records)
