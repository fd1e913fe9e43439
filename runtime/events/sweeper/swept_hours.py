"""Which folders a run sweeps: an hour of events is swept twice, once most of it is old enough, and a week later."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from baler.events.event_types import EVENT_TYPES
from baler.events.partition import hour_path_of
from baler.events.raw_object import RAW_PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping

LATE: Final = (timedelta(days=1), timedelta(days=8))
"""How late an event may be for its orphan to be found: by the first sweep of its hour, and by the second.

The second one also does what the first one did not, for whatever reason. An hour can be swept by hand at any time.
"""

_HOUR: Final = timedelta(hours=1)
_WRITTEN: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}")


class BadSweepError(ValueError):
    """A request is none; the message is a sentence."""


def swept_hours(event: Mapping[str, Any], now: datetime, patience_seconds: float) -> list[datetime]:
    """Return the hours to sweep, UTC.

    Args:
        event: the rule's, whose time decides, so that a late run leaves out no hour; or a request with `hour`, for
            example "2026-11-20T09".
        now: UTC; where the event says nothing.
        patience_seconds: how long after an object was put its batch may still be committed.

    Raises:
        BadSweepError: the event has an hour, or a time, that is none.
    """
    try:
        if "hour" in event:
            if not _WRITTEN.fullmatch(str(event["hour"])):
                raise BadSweepError("the hour is not written as 2026-11-20T09")
            return [datetime.fromisoformat(f"{event['hour']}:00:00+00:00")]
        due = datetime.fromisoformat(str(event["time"])) if "time" in event else now
    except ValueError as error:
        raise BadSweepError("the hour or time is none of the calendar") from error
    newest = due.astimezone(UTC) - timedelta(seconds=patience_seconds) - _HOUR
    return [(newest - late).replace(minute=0, second=0, microsecond=0) for late in LATE]


def folders_of(hour: datetime) -> list[str]:
    """Return the prefixes of the keys of an hour, one for each type."""
    return [f"{RAW_PREFIX}event_type={event_type}/{hour_path_of(hour)}/" for event_type in EVENT_TYPES]
