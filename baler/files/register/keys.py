"""Where the pages of the register lie in the archive bucket."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

PREFIX: Final = "register/"
_SUFFIX: Final = ".jsonl.gz"
_KEY = re.compile(r"register/(?P<year>\d{4})/(?P<month>\d{2})/(?P<day>\d{2})/(?P<number>\d{6})\.jsonl\.gz")
NUMBER_MAX: Final = 999_999


def day_prefix(prefix: str, day: date) -> str:
    """Return what the keys of a day begin with: of bundles, manifests and pages alike."""
    return f"{prefix}{day.year:04d}/{day.month:02d}/{day.day:02d}/"


def page_key(day: date, number: int) -> str:
    """Return the key of a page; a day's pages are numbered from 1.

    Raises:
        ValueError: no page has that number.
    """
    if not 1 <= number <= NUMBER_MAX:
        raise ValueError(f"a page has a number from 1 to {NUMBER_MAX}, not {number}")
    return f"{day_prefix(PREFIX, day)}{number:06d}{_SUFFIX}"


def page_of(key: str) -> tuple[date, int]:
    """Return day and number of the page that lies under a key.

    Raises:
        ValueError: no page can lie under that key.
    """
    match = _KEY.fullmatch(key)
    if match is None or int(match["number"]) == 0:
        raise ValueError(f"not the key of a page: {key!r}")
    return date(int(match["year"]), int(match["month"]), int(match["day"])), int(match["number"])


def day_of(bundle_id: str) -> date:
    """Return the day, in UTC, in which a bundle was created, as its id has it.

    Raises:
        ValueError: it is no day of the calendar.
    """
    return date(int(bundle_id[:4]), int(bundle_id[4:6]), int(bundle_id[6:8]))


def hour_of(bundle_id: str) -> str:
    """Return the beginning of an id that all bundles of its hour share: `20261120T09`."""
    return bundle_id[:11]
