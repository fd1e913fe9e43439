"""Processed objects, made by the processor's and the transformer's own code."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from baler.events.parsing.parse import parse
from baler.events.processed_object import processed_key
from baler.events.raw_object import raw_objects
from baler.events.stream_record import StreamRecord
from baler.events.transformation import Thresholds, transform

PROCESSED_AT = datetime(2024, 1, 15, 10, 31, 5, 250_000, tzinfo=UTC)
ARRIVED_AT = 1_705_314_600.125
EXAMPLES: dict[str, dict[str, Any]] = {
    "user_action": {"user_id": "u", "action": "click", "page": "/", "session_id": "s", "session_duration": 61},
    "transaction": {"amount": 1000.5, "transaction_id": "t", "user_id": "u", "currency": "EUR"},
    "metric": {"value": 101, "metric_name": "load", "unit": "%"},
    "system_event": {"severity": "high", "component": "disk", "message": "full"},
}


def processed(*events: str, arrived_at: float = ARRIVED_AT) -> tuple[str, bytes]:
    """Return key and body of what the processor and the transformer make of events of one partition."""
    records = [
        StreamRecord("shardId-000000000000", f"{number:056}", 0, "key", arrived_at + number, event.encode())
        for number, event in enumerate(events)
    ]
    parsed = parse(records)
    assert not parsed.rejections
    (raw,) = raw_objects("1705000000.shardId-000000000000", f"{0:056}", f"{9:056}", parsed.events)
    lines = [transform(line, Thresholds(), PROCESSED_AT) for line in raw.content.splitlines()]
    return processed_key(raw.key), b"".join(line + b"\n" for line in lines)


def event(kind: str, **fields: object) -> str:
    return json.dumps({"timestamp": "2024-01-15T10:30:00.123456Z", "event_type": kind, **EXAMPLES[kind], **fields})
