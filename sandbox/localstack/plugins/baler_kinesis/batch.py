"""When a batch is closed.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html#invocation-eventsourcemapping-batching:
at its number of records, at the end of its window, or before the payload would be larger than 6 MB, whichever is first.
"""

from __future__ import annotations

import json
from typing import Any

LARGEST_PAYLOAD = 6 * 2**20
_AROUND = len('{"Records": []}')
_BETWEEN = len(", ")


class BatchCollector:
    """Events of one shard, in order, until they make a batch."""

    def __init__(self, most: int, window: float) -> None:
        """Collect nothing yet.

        Args:
            most: records of a batch.
            window: seconds that a batch waits for more, from its first record on.
        """
        self._most = most
        self._window = window
        self._events: list[tuple[dict[str, Any], int]] = []
        self._since = 0.0

    def add(self, event: dict[str, Any], now: float) -> None:
        """Add an event that was read at a time (seconds of a steady clock)."""
        if not self._events:
            self._since = now
        self._events.append((event, len(json.dumps(event)) + _BETWEEN))

    def closed(self, now: float, *, ended: bool = False) -> list[dict[str, Any]]:
        """Return the next batch and forget it; nothing where none is closed yet.

        Args:
            now: seconds of the same clock.
            ended: the shard has ended, and no more will come.
        """
        size, count = _AROUND, 0
        for _, length in self._events[: self._most]:
            if count and size + length > LARGEST_PAYLOAD:
                return self._taken(count, now)
            size += length
            count += 1
        if count == self._most or (count and (ended or now - self._since >= self._window)):
            return self._taken(count, now)
        return []

    def _taken(self, count: int, now: float) -> list[dict[str, Any]]:
        batch = [event for event, _ in self._events[:count]]
        del self._events[:count]
        # What is left begins a batch, and its window, now.
        self._since = now
        return batch
