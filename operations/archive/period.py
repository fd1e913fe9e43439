"""From when to when: bundle ids sort by the time of their creation, so a period is a stretch of every listing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


class PeriodError(ValueError):
    """Not a period; the message says why."""


@dataclass(frozen=True, slots=True)
class Period:
    """The bundles created from `start` on and before `end`; None is no bound."""

    start: datetime | None = None
    end: datetime | None = None

    @classmethod
    def parse(cls, start: str | None, end: str | None) -> Period:
        """Read two times in UTC, `2026-11-20` or `2026-11-20T09:30`; a day as the end is meant with all its hours.

        Raises:
            PeriodError: one is no such time, or the end is not after the start.
        """
        period = cls(None if start is None else _moment(start, "--from"), None if end is None else _end(end))
        if period.start is not None and period.end is not None and period.end <= period.start:
            raise PeriodError(f"--to {end} is not after --from {start}.")
        return period

    def start_after(self, prefix: str) -> str:
        """Return the key after which a listing of keys below `prefix`, by day and bundle id, begins."""
        return "" if self.start is None else f"{prefix}{self.start:%Y/%m/%d}/{_stamp(self.start)}"

    def is_before(self, bundle_id: str) -> bool:
        """Tell whether a bundle, and so every later one of a listing, was created after the period."""
        return self.end is not None and bundle_id >= _stamp(self.end)


def _end(text: str) -> datetime:
    moment = _moment(text, "--to")
    return moment + timedelta(days=1) if _DAY.fullmatch(text) else moment


def _moment(text: str, option: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise PeriodError(f"{option} {text!r} is not a time like 2026-11-20 or 2026-11-20T09:30 (UTC).") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _stamp(moment: datetime) -> str:
    """Write a time as bundle ids begin with it, which are never smaller in that second and later ones."""
    return f"{moment:%Y%m%dT%H%M%S}"
