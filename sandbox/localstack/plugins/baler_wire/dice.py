"""Draws that are the same for the same seed, whatever else is drawn."""

from __future__ import annotations

import math
import random
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from baler_wire.latency import Latency

# Of the standard normal distribution: 99 of 100 are below it.
_Z99: Final = 2.3263478740408408


class Dice:
    """Numbers by purpose: how many are drawn for one purpose changes nothing of another's."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._by_purpose: dict[str, random.Random] = {}
        self._lock = threading.Lock()

    def share(self, purpose: str) -> float:
        """Return the purpose's next number, 0 to less than 1."""
        with self._lock:
            return self._of(purpose).random()

    def milliseconds(self, purpose: str, latency: Latency) -> float:
        """Return the purpose's next time from a distribution."""
        deviation = math.log(latency.p99_ms / latency.p50_ms) / _Z99
        with self._lock:
            return latency.p50_ms * math.exp(deviation * self._of(purpose).gauss(0.0, 1.0))

    def _of(self, purpose: str) -> random.Random:
        if purpose not in self._by_purpose:
            # A text seeds by its hash, which is the same everywhere.
            self._by_purpose[purpose] = random.Random(f"{self._seed} {purpose}")  # noqa: S311 - no secret
        return self._by_purpose[purpose]
