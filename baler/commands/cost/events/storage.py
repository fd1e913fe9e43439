"""Lines of the bill for the buckets: raw, processed, and the table's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from baler.commands.cost.bill import Line, line
from baler.commands.cost.events.part import EventBillPart
from baler.commands.cost.traffic import DAYS_PER_MONTH, HOURS_PER_MONTH
from baler.events.event_types import EVENT_TYPES
from baler.prices import GIGABYTE

if TYPE_CHECKING:
    from baler.commands.cost.events.settings import EventStackSettings
    from baler.commands.cost.events.traffic import EventTraffic
    from baler.commands.cost.figures import Figures

SMALLEST_IN_GLACIER_BYTES: Final = 128 * 1024
"""Raw objects below this stay where they are (components/blocks/lifecycle.py); a test compares."""
# S3 user guide, "Understanding and managing Amazon S3 storage classes": what an archived object takes beside its bytes.
_OVERHEAD_GLACIER_BYTES: Final = 32 * 1024
_OVERHEAD_STANDARD_BYTES: Final = 8 * 1024


def storage_lines(traffic: EventTraffic, settings: EventStackSettings, figures: Figures) -> list[Line]:
    """Return the lines for what is put, read and kept."""
    return [*_raw(traffic, settings), *_processed(traffic, settings), *_table(traffic, settings, figures)]


def _kept_days(traffic: EventTraffic, days: int) -> float:
    """Return for how many days there is something: 0 days of a setting are for ever."""
    past = traffic.profile.months * DAYS_PER_MONTH
    return min(past, float(days)) if days else past


def _raw(traffic: EventTraffic, settings: EventStackSettings) -> list[Line]:
    part = EventBillPart.RAW
    days = _kept_days(traffic, settings.raw_days)
    size = traffic.object_events * traffic.raw_bytes
    moves = settings.raw_glacier_days > 0 and size >= SMALLEST_IN_GLACIER_BYTES
    awake = min(days, float(settings.raw_glacier_days)) if moves else days
    a_day = traffic.objects / DAYS_PER_MONTH
    cold = (days - awake) * a_day
    note = "" if moves or not settings.raw_glacier_days else f"none moves to Glacier: {size:,.0f} bytes each"
    return [
        line(part, "objects put", traffic.objects, "s3_put", f"{traffic.object_events:.1f} events each"),
        line(part, "objects read", traffic.objects, "s3_get"),
        line(part, "objects kept", awake * a_day * size / GIGABYTE, "s3_standard", note),
        line(part, "moves to Glacier", traffic.objects if cold else 0.0, "glacier_transition"),
        line(part, "objects in Glacier", cold * (size + _OVERHEAD_GLACIER_BYTES) / GIGABYTE, "glacier"),
        line(part, "overhead, 8 KB each", cold * _OVERHEAD_STANDARD_BYTES / GIGABYTE, "s3_standard"),
    ]


def _processed(traffic: EventTraffic, settings: EventStackSettings) -> list[Line]:
    part = EventBillPart.PROCESSED
    a_day = traffic.events * traffic.processed_bytes / DAYS_PER_MONTH
    kept = _kept_days(traffic, settings.processed_days) * a_day / GIGABYTE
    return [
        line(part, "objects put", traffic.objects, "s3_put"),
        line(part, "objects read", traffic.objects, "s3_get", "by the compactor"),
        line(part, "objects kept", kept, "s3_standard", f"{traffic.processed_bytes:,.0f} bytes an event"),
    ]


def _table(traffic: EventTraffic, settings: EventStackSettings, figures: Figures) -> list[Line]:
    part, events = EventBillPart.TABLE, figures.events
    types = len(EVENT_TYPES)
    # Each commit puts a file for each type, in the hour that runs; each closed hour is written once more.
    rewritten = types * HOURS_PER_MONTH if traffic.events else 0.0
    files = min(traffic.commits * types, traffic.objects) + rewritten
    a_day = traffic.events * traffic.processed_bytes * events.table_share / DAYS_PER_MONTH
    kept = _kept_days(traffic, settings.compacted_days) * a_day / GIGABYTE
    return [
        line(part, "files put", files + traffic.commits * events.commit_puts, "s3_put", "data and snapshots"),
        line(part, "files read", files + traffic.commits * events.commit_gets, "s3_get", "without queries"),
        line(part, "table kept", kept, "s3_standard", f"{events.table_share:.0%} of the processed bytes"),
        line(part, "calls of the catalogue", traffic.commits * events.commit_glue_requests, "glue_request"),
    ]
