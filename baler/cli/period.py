"""From when to when: what `--from` and `--to` say, of every command that has them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

# What datetime.fromisoformat takes beside differs between versions of Python, and a week date is easily misread.
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}")
_MOMENT: Final = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8})[T ]"
    r"(?P<time>[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{3})?)?)"
    r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?"
)
UNDERSTOOD: Final = (
    "a day, 2026-11-20 or 20261120, or a time, 2026-11-20T09:30, with seconds if need be (09:30:15, 09:30:15.250) and "
    "in UTC unless it ends in an offset like +01:00"
)


class PeriodError(ValueError):
    """Not a period; the message says why."""


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` on and before `end`, in UTC; None is no bound."""

    start: datetime | None = None
    end: datetime | None = None

    @classmethod
    def parse(cls, start: str | None, end: str | None) -> Period:
        """Read two times as UNDERSTOOD says; a day as the end is meant with all its hours.

        Raises:
            PeriodError: one is no such time, or the end is not after the start.
        """
        period = cls(None if start is None else _moment(start, "--from"), None if end is None else _end(end))
        if period.start is not None and period.end is not None and period.end <= period.start:
            raise PeriodError(f"--to {end} is not after --from {start}.")
        return period


def _end(text: str) -> datetime | None:
    moment = _moment(text, "--to")
    if _DAY.fullmatch(text) is None:
        return moment
    try:
        return moment + timedelta(days=1)
    except OverflowError:
        return None  # the last day that there is


def _moment(text: str, option: str) -> datetime:
    parts = _MOMENT.fullmatch(text)
    if parts is None and _DAY.fullmatch(text) is None:
        raise PeriodError(f"{option} {text!r} is not a time. It is {UNDERSTOOD}.")
    day, time, zone = (text, "00:00", None) if parts is None else parts.group("day", "time", "zone")
    try:
        moment = datetime.fromisoformat(f"{day}T{time}{(zone or 'Z').replace('Z', '+00:00')}")
    except ValueError as error:
        raise PeriodError(f"{option} {text!r} is no date or time of the calendar ({error}).") from error
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise PeriodError(f"{option} {text!r} is in UTC before the year 1 or after the year 9999.") from error
