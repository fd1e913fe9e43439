"""What the lines of a raw object say of the records that they came from."""

from __future__ import annotations

import json
from typing import Any

from baler.events.event_types import KINESIS
from baler.events.raw_object import ForeignObjectError


def sequence_numbers(content: bytes) -> tuple[str, ...]:
    """Return the sequence number of each line of a raw object.

    Raises:
        ForeignObjectError: the processor writes no such line.
    """
    try:
        documents: list[dict[str, Any]] = [json.loads(line) for line in content.splitlines()]
        return tuple(str(document[KINESIS]["sequence_number"]) for document in documents)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ForeignObjectError("a line of the object is none that the processor writes") from error
