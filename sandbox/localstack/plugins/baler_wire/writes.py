"""Writes to S3 that are in progress: a conditional one that meets another on the same key is refused with 409.

API reference, PutObject, `If-None-Match`: "If a conflicting operation occurs during the upload S3 returns a 409
ConditionalRequestConflict response. On a 409 failure you should retry the upload." Of two that do not overlap the
second gets 412.
"""

from __future__ import annotations

import threading
from collections import Counter


class WritesInProgress:
    """Objects that are being written or deleted."""

    def __init__(self) -> None:
        self._objects: Counter[str] = Counter()
        self._lock = threading.Lock()

    def begin(self, written: str, *, conditional: bool) -> bool:
        """Note that a request writes an object; return False, and note nothing, where it conflicts with another."""
        with self._lock:
            if conditional and self._objects[written]:
                return False
            self._objects[written] += 1
            return True

    def end(self, written: str) -> None:
        """Note that it has."""
        with self._lock:
            self._objects[written] -= 1
            if not self._objects[written]:
                del self._objects[written]
