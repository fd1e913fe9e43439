"""Where an event lies: its type and the hour in which it happened, UTC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from baler.events.event_types import EVENT_TYPES

if TYPE_CHECKING:
    from datetime import datetime

    from baler.events.stream_record import Event


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """One hour of one type.

    Attributes:
        event_type: a declared type.
        year: four digits.
        month: 1 to 12.
        day: of the month, from 1.
        hour: 0 to 23, UTC.

    Raises:
        ValueError: the type is not declared: nothing else may become part of a key.
    """

    event_type: str
    year: int
    month: int
    day: int
    hour: int

    def __post_init__(self) -> None:
        if self.event_type not in EVENT_TYPES:
            raise ValueError("a partition is of a declared type")

    @property
    def path(self) -> str:
        """The folder below a store's prefix, without a slash at either end."""
        return f"event_type={self.event_type}/{hour_path(self.year, self.month, self.day, self.hour)}"


def partition_of(event: Event) -> Partition:
    """Return the partition that an event belongs to, by its own time and not by its arrival."""
    return Partition(event.type, event.at.year, event.at.month, event.at.day, event.at.hour)


def hour_path(year: int, month: int, day: int, hour: int) -> str:
    """Return the folder of an hour; the numbers have two digits, as a query for `month='01'` expects."""
    return f"year={year:04}/month={month:02}/day={day:02}/hour={hour:02}"


def hour_path_of(moment: datetime) -> str:
    """Return the folder of the hour in which a moment in UTC lies."""
    return hour_path(moment.year, moment.month, moment.day, moment.hour)
