"""A store that takes so many units a second, and lets what is more wait."""

from __future__ import annotations

import math


class Throttle:
    """Counts what is asked of a store.

    A second's worth may come at once; beyond it callers are refused and come again, which is taken for a queue that is
    served at the store's rate. What a table saves up in quiet minutes is left out: AWS promises none of it.

    Args:
        rate: units a second; infinite for a store that is no limit here.
    """

    def __init__(self, rate: float = math.inf) -> None:
        self._rate = rate
        self._owed = 0.0
        self._at = 0.0
        self.units = 0.0
        self.late_units = 0.0

    def wait(self, now: float, units: float, patience: float) -> float:
        """Return after how many seconds a call's units are taken; at most its patience, after which it takes none."""
        self.units += units
        if math.isinf(self._rate):
            return 0.0
        self._owed = max(0.0, self._owed - (now - self._at) * self._rate)
        self._at = now
        waited = max(0.0, (self._owed + units - self._rate) / self._rate)
        if waited > 0:
            self.late_units += units
        if waited >= patience:
            return patience
        self._owed += units
        return waited
