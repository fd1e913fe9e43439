"""An event as a record to send, held to the rules that the processor will hold it to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from baler.events.parsing.parse import parse
from baler.events.producer.outgoing_record import OutgoingRecord, RecordRefusedError
from baler.events.rejection_reason import RejectionReason
from baler.events.stream_record import StreamRecord

if TYPE_CHECKING:
    from collections.abc import Mapping


def event_record(event: Mapping[str, Any], partition_key: str) -> OutgoingRecord:
    """Return the record of an event.

    Args:
        event: `event_type`, `timestamp` and the fields of its type (docs/event-records.md).
        partition_key: 1 to 256 characters; events of one key stay in their order.

    Raises:
        RecordRefusedError: the processor would reject it, or it is beyond a limit of the stream. Nothing was sent.
        TypeError: it holds what JSON has no form for.
    """
    try:
        data = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError as error:
        raise RecordRefusedError(RejectionReason.LONE_SURROGATE) from error
    record = OutgoingRecord(data, partition_key)
    # The verdict depends on the bytes alone, not on where in the stream they lie.
    for rejection in parse([StreamRecord("", "", 0, partition_key, 0.0, data)]).rejections:
        raise RecordRefusedError(rejection.reason, rejection.field)
    return record
