"""How long records are kept.

A record, its count and the day that both belong to end at the same moment: N whole days after the day (UTC) on which it
was first captured, at midnight. DynamoDB deletes what has an `expires_at` hours or days later (developer guide, "Using
time to live"), so who reads leaves out what is over, and who writes treats it as gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final


@dataclass(frozen=True, slots=True)
class Retention:
    """The retention of a stack.

    Attributes:
        days: whole days that a record is kept after the day of its first capture; 0 for ever.
    """

    days: int

    def expires_at(self, day: date) -> int | None:
        """Return when what belongs to a day is over, seconds since the epoch; None for never.

        >>> from datetime import date
        >>> datetime.fromtimestamp(Retention(7).expires_at(date(2026, 3, 8)), UTC).isoformat()
        '2026-03-16T00:00:00+00:00'
        >>> Retention(0).expires_at(date(2026, 3, 8)) is None
        True
        """
        if not self.days:
            return None
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return round((midnight + timedelta(days=self.days + 1)).timestamp())

    def is_over(self, day: date, now: float) -> bool:
        """Say whether what belongs to a day is over; `now` in seconds since the epoch.

        >>> from datetime import date
        >>> week = Retention(7)
        >>> [week.is_over(date(2026, 3, 8), week.expires_at(date(2026, 3, 8)) + late) for late in (-1, 0)]
        [False, True]
        """
        over = self.expires_at(day)
        return over is not None and over <= now


FOR_EVER: Final = Retention(0)
"""What the document says."""
