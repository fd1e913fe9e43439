"""What is shown at a moment: of declared sources, what is not expired."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from baler.lake.sources import Source
    from runtime.lake.api.ports import StoredRecord


@dataclass(frozen=True, slots=True)
class View:
    """What a request is shown.

    Attributes:
        sources: that are declared, by name.
        now: seconds since the epoch.
        retention_days: how long records are kept; 0 for ever.
    """

    sources: Mapping[str, Source]
    now: float
    retention_days: int

    @property
    def moment(self) -> datetime:
        """Now, in UTC."""
        return datetime.fromtimestamp(self.now, UTC)

    @property
    def oldest_day(self) -> date | None:
        """The first day whose records are not expired; None where none ever is."""
        if not self.retention_days:
            return None
        return self.moment.date() - timedelta(days=self.retention_days)

    @property
    def oldest_time(self) -> str:
        """The first `captured_at` of `oldest_day`; "" where nothing expires."""
        day = self.oldest_day
        return "" if day is None else f"{day.isoformat()}T00:00:00Z"

    def shows(self, record: StoredRecord) -> bool:
        """Say whether a record is shown: DynamoDB deletes what expired hours or days later.

        A stack's retention counts at once, and not only for what is written from then on.
        """
        if record.source not in self.sources or record.captured_at < self.oldest_time:
            return False
        return record.expires_at is None or record.expires_at > self.now
