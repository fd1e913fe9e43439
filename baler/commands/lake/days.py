"""From which day to which: what `--from` and `--to` of these commands say. Raw objects are kept by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

import typer

from baler.cli.period import Period, PeriodError

DAYS_MAX: Final = 3660
"""Of one command: a mistyped year must not list a thousand of them."""


@dataclass(frozen=True, slots=True)
class Days:
    """Days in UTC, both included."""

    first: date
    last: date

    @classmethod
    def parse(cls, start: str | None, end: str | None, span: int = 1) -> Days:
        """Read two options.

        Args:
            start: `--from`, if given.
            end: `--to`, if given; today otherwise.
            span: days that are meant where there is no start.

        Raises:
            typer.BadParameter: one is no day, or the last is before the first.
        """
        today = datetime.now(UTC).date()
        try:
            period = Period.parse(start, end)
        except PeriodError as error:
            raise typer.BadParameter(str(error)) from error
        for moment, option in ((period.start, "--from"), (period.end, "--to")):
            if moment is not None and moment.time() != datetime.min.time():
                raise typer.BadParameter(
                    f"{option} is a day here, for example 2026-11-20: raw objects are kept by day."
                )
        last = today if period.end is None else (period.end - timedelta(days=1)).date()
        first = last - timedelta(days=span - 1) if period.start is None else period.start.date()
        if first > last:
            raise typer.BadParameter(f"--from {first} is after the last day, {last}.")
        if (last - first).days >= DAYS_MAX:
            raise typer.BadParameter(f"From {first} to {last} is more than {DAYS_MAX} days.")
        return cls(first, last)

    def __contains__(self, day: date) -> bool:
        """Return whether a day is one of them."""
        return self.first <= day <= self.last
