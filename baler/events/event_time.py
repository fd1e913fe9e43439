"""When an event happened: one way to write it, and the bounds that it is held to.

The rule: `YYYY-MM-DDTHH:MM:SS`, then a fraction of one to nine digits or none, then `Z`, an offset `±HH:MM`, or
nothing, which means UTC. What is finer than a microsecond is cut off, never rounded, so that no event moves into
another hour. A number is refused: nothing tells seconds from milliseconds.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""No event is older. Below it lie the zeros and defaults of broken clocks."""
LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
"""Every event is older. Whatever a producer's clock says, years of keys have four digits and are finitely many."""

_WRITTEN: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])?"
)


def event_time(text: str) -> datetime:
    """Return the moment in UTC.

    Raises:
        ValueError: it is not written by the rule, is no day of the calendar, or lies outside the bounds.
    """
    # The rule is narrower than Python's: fromisoformat takes weeks (2024-W03-1), and more with each version.
    if not _WRITTEN.fullmatch(text):
        raise ValueError("the time is not written as YYYY-MM-DDTHH:MM:SS, with an offset or Z")
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    elif moment.tzinfo is not UTC:
        try:
            moment = moment.astimezone(UTC)
        except OverflowError as error:
            raise ValueError("the time is outside the calendar") from error
    if not EARLIEST <= moment < LATEST:
        raise ValueError(f"the time is not from {EARLIEST.year} to {LATEST.year - 1}")
    return moment
