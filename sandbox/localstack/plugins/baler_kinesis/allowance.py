"""What a shard takes and gives in a second."""

from __future__ import annotations


class Allowance:
    """A bucket that holds a second's worth, of calls or bytes or both, and fills again as time passes."""

    def __init__(self, *rates: int, now: float) -> None:
        """Make a full bucket.

        Args:
            rates: units a second, of each thing that is counted.
            now: seconds, of a clock that never goes back.
        """
        self._rates = rates
        self._left = [float(rate) for rate in rates]
        self._at = now

    def take(self, *amounts: int, now: float) -> bool:
        """Take amounts, all or nothing; return whether there was enough of each."""
        self._fill(now)
        if any(left < amount for left, amount in zip(self._left, amounts, strict=True)):
            return False
        self.spend(*amounts)
        return True

    def spend(self, *amounts: int) -> None:
        """Take amounts though there be too little: what is missing has to be filled up before more is taken."""
        self._left = [left - amount for left, amount in zip(self._left, amounts, strict=True)]

    def _fill(self, now: float) -> None:
        passed = max(0.0, now - self._at)
        self._at = max(self._at, now)
        self._left = [min(rate, left + passed * rate) for rate, left in zip(self._rates, self._left, strict=True)]
