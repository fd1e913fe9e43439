"""Lines of the bill for the stream and its key."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from baler.commands.cost.bill import Line, line
from baler.commands.cost.events.part import EventBillPart
from baler.commands.cost.traffic import HOURS_PER_MONTH, SECONDS_PER_MONTH
from baler.prices import GIGABYTE

if TYPE_CHECKING:
    from baler.commands.cost.events.settings import EventStackSettings
    from baler.commands.cost.events.traffic import EventTraffic

_PAYLOAD_UNIT_BYTES: Final = 25 * 1024
_KILOBYTE: Final = 1024
_INCLUDED_HOURS: Final = 24
# Kinesis developer guide, "Costs, Regions, and performance considerations" of encryption: a data key lasts about five
# minutes; each shard asks for one, and whoever reads it asks to have it decrypted.
_DATA_KEY_SECONDS: Final = 300
_CALLS_A_DATA_KEY: Final = 2
KEYS: Final = 1
"""Keys of the pipeline's own; a test compares."""


def stream_lines(traffic: EventTraffic, settings: EventStackSettings) -> list[Line]:
    """Return the lines for what takes the records, keeps them, and encrypts them."""
    taken = _on_demand(traffic) if settings.stream_mode == "on-demand" else _provisioned(traffic, settings)
    calls = traffic.shards * SECONDS_PER_MONTH / _DATA_KEY_SECONDS * _CALLS_A_DATA_KEY
    part = EventBillPart.STREAM
    return [
        *taken,
        line(part, "key of the stream", KEYS, "key"),
        line(part, "calls of the key", calls, "key_request", "a data key for each shard lasts five minutes"),
    ]


def _provisioned(traffic: EventTraffic, settings: EventStackSettings) -> list[Line]:
    part, hours = EventBillPart.STREAM, traffic.shards * HOURS_PER_MONTH
    units = traffic.events * math.ceil(max(1.0, traffic.profile.event_bytes) / _PAYLOAD_UNIT_BYTES)
    longer = hours if settings.retention_hours > _INCLUDED_HOURS else 0
    return [
        line(part, "shards", hours, "kinesis_shard", f"{traffic.shards} shards"),
        line(part, "records put", units, "kinesis_put", "each record is a unit, however small"),
        line(part, "kept for more than a day", longer, "kinesis_retention", f"{settings.retention_hours} hours"),
    ]


def _on_demand(traffic: EventTraffic) -> list[Line]:
    part = EventBillPart.STREAM
    counted = traffic.events * math.ceil(max(1.0, traffic.profile.event_bytes) / _KILOBYTE) * _KILOBYTE / GIGABYTE
    read = traffic.events * traffic.profile.event_bytes / GIGABYTE
    return [
        line(part, "stream", HOURS_PER_MONTH, "kinesis_stream"),
        line(part, "records put", counted, "kinesis_in", "each record counts as whole kilobytes"),
        line(part, "records read", read, "kinesis_out", "by the processor alone"),
    ]
