"""The whole bill of the event stream for one profile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from baler.commands.cost.bill import Bill
from baler.commands.cost.events.processing import processing_lines
from baler.commands.cost.events.storage import storage_lines
from baler.commands.cost.events.stream import stream_lines
from baler.commands.cost.events.traffic import EventTraffic
from baler.commands.cost.events.watching import watching_lines

if TYPE_CHECKING:
    from baler.commands.cost.events.settings import EventStackSettings
    from baler.commands.cost.events.traffic import EventProfile
    from baler.commands.cost.figures import Figures


@dataclass(frozen=True, slots=True)
class EventMonth:
    """What goes through in a month, and what it costs."""

    traffic: EventTraffic
    bill: Bill


def monthly_event_bill(profile: EventProfile, settings: EventStackSettings, figures: Figures) -> EventMonth:
    """Work out the bill of a month like every other: a steady rate, no crash, no replay, no queries."""
    traffic = EventTraffic.of(profile, settings, figures)
    lines = (
        *stream_lines(traffic, settings),
        *storage_lines(traffic, settings, figures),
        *processing_lines(traffic, settings, figures),
        *watching_lines(traffic, settings, figures),
    )
    return EventMonth(traffic, Bill(lines))
