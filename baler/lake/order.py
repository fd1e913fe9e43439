"""Which of two versions of a record is the newer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

_WRITTEN: Final = "%Y-%m-%dT%H:%M:%SZ"
_SHAPE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


@dataclass(frozen=True, slots=True, order=True)
class Order:
    """Where a version stands among all versions of its record: a greater one replaces a lesser one.

    Two raw objects of one source never have the same order, so a tie is the same raw object read twice.

    Attributes:
        captured_at: time of the schedule's event that the version was fetched for, UTC, whole seconds. Every retry of
            the event has the same.
        generation: of the raw object; greater in a later attempt, and in a later page of one attempt.
    """

    captured_at: datetime
    generation: int


def written_time(moment: datetime) -> str:
    """Return a time as records and metadata have it, for example "2025-10-11T10:30:00Z"; such texts sort as times do.

    Raises:
        ValueError: it has no time zone, or a year that is not of four digits.
    """
    if moment.tzinfo is None:
        raise ValueError("the time has no zone")
    text = moment.astimezone(UTC).strftime(_WRITTEN)
    if not _SHAPE.fullmatch(text):
        raise ValueError("the year is not of four digits")
    return text


def read_time(text: str) -> datetime:
    """Return the time that `written_time` wrote; EventBridge writes an event's time in the same way.

    Raises:
        ValueError: it is not written so, or is no time of the calendar.
    """
    if not _SHAPE.fullmatch(text):
        raise ValueError("the time is not written as YYYY-MM-DDTHH:MM:SSZ")
    return datetime.strptime(text, _WRITTEN).replace(tzinfo=UTC)
