"""Which stretch of a listing a period is: bundle ids sort by the time of their creation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from baler.cli.period import Period


def start_after(period: Period, prefix: str) -> str:
    """Return the key after which a listing of keys below `prefix`, by day and bundle id, begins."""
    if period.start is None:
        return ""
    stamp = _stamp(period.start)
    return f"{prefix}{stamp[:4]}/{stamp[4:6]}/{stamp[6:8]}/{stamp}"


def is_before(period: Period, bundle_id: str) -> bool:
    """Tell whether a bundle, and so every later one of a listing, was created after the period."""
    return period.end is not None and bundle_id >= _stamp(period.end)


def is_within(period: Period, bundle_id: str) -> bool:
    """Tell whether a bundle was created in the period."""
    return not is_before(period, bundle_id) and (period.start is None or bundle_id >= _stamp(period.start))


def _stamp(moment: datetime) -> str:
    """Write a time as bundle ids begin with it, which are never smaller in that millisecond and later ones."""
    # Not by strftime, which writes years before 1000 with fewer digits on Linux.
    return moment.strftime("%m%dT%H%M%S").join((f"{moment.year:04d}", f"{moment.microsecond // 1000:03d}"))
