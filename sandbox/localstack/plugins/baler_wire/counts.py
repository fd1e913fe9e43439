"""What was done to requests, for those who print it."""

from __future__ import annotations

import threading
from collections import Counter


class Counts:
    """Numbers by service and kind."""

    def __init__(self) -> None:
        self._requests: Counter[str] = Counter()
        self._faults: dict[str, Counter[str]] = {}
        self._lock = threading.Lock()

    def request(self, service: str) -> None:
        """Note a request that was not spared."""
        with self._lock:
            self._requests[service] += 1

    def fault(self, service: str, kind: str) -> None:
        """Note that something was done to a request, or to whatever else a profile is about."""
        with self._lock:
            self._faults.setdefault(service, Counter())[kind] += 1

    def document(self) -> dict[str, dict[str, int] | dict[str, dict[str, int]]]:
        """Return `{"requests": {service: n}, "faults": {service: {kind: n}}}`."""
        with self._lock:
            return {
                "requests": dict(self._requests),
                "faults": {service: dict(kinds) for service, kinds in self._faults.items()},
            }
