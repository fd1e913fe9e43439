"""The line that is kept of a record that can never become an event."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from baler.events.stream_record import Rejection


def rejected_line(rejection: Rejection) -> bytes:
    """Return one line of JSON without a line end: ASCII alone, whatever the producer sent.

    `data` is the producer's exact bytes in base64. Nothing of them is anywhere else in it but in `field`, whose
    length is bounded.
    """
    record = rejection.record
    return json.dumps(
        {
            "reason": rejection.reason.value,
            "field": rejection.field,
            "shard_id": record.shard_id,
            "sequence_number": record.sequence_number,
            "sub_sequence": record.sub_sequence,
            "partition_key": record.partition_key.encode(errors="replace").decode(),
            "arrived_at": record.arrived_at,
            "data": base64.b64encode(record.data).decode(),
        },
        separators=(",", ":"),
    ).encode()
