"""What the counters say: how many records there are, of which source, and of which day (UTC)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from baler.lake.order import written_time
from runtime.lake.api.ports import Window

if TYPE_CHECKING:
    from datetime import date

    from runtime.lake.api.ports import Counters
    from runtime.lake.api.view import View

DAYS_MAX: Final = 90
DAYS_DEFAULT: Final = 7


def read_analytics(days: int, counters: Counters, view: View) -> dict[str, Any]:
    """Return the answer to `GET /analytics`.

    Args:
        days: how many of them, today included.
        counters: of records.
        view: what is shown.
    """
    sources = sorted(view.sources)
    today = view.moment.date()
    dates = [today - timedelta(days=back) for back in reversed(range(days))]
    found = counters.read(sources, Window(dates[0], today, view.oldest_day, view.now))
    timeline = [_day(day, {name: found[name].days.get(day, 0) for name in sources}) for day in dates]
    return {
        "total": sum(each.total for each in found.values()),
        "by_source": {name: found[name].total for name in sources},
        "by_date": {each["date"]: each["total"] for each in timeline},
        "timeline": timeline,
        "first_date": min((each.first_day.isoformat() for each in found.values() if each.first_day), default=None),
        "last_date": max((each.last_day.isoformat() for each in found.values() if each.last_day), default=None),
        "generated_at": written_time(view.moment),
    }


def content_of(analytics: dict[str, Any]) -> str:
    """Return all that two answers must have in common to say the same: all but when they were made."""
    return json.dumps({name: value for name, value in analytics.items() if name != "generated_at"})


def _day(day: date, by_source: dict[str, int]) -> dict[str, Any]:
    return {"date": day.isoformat(), "total": sum(by_source.values()), "by_source": by_source}
