"""Makes the content of a processed object of that of a raw one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from baler.events.event_types import KINESIS
from baler.events.raw_object import ForeignObjectError
from baler.events.transformation import BadRawLineError, transform
from runtime.events.transformer.ports import ProcessedContent

if TYPE_CHECKING:
    from collections.abc import Callable

    from baler.events.transformation import Thresholds


class ObjectTransform:
    """The Transform port (see runtime/events/transformer/ports.py).

    Args:
        thresholds: the limits between classes.
        clock: the time, seconds since the epoch.
    """

    def __init__(self, thresholds: Thresholds, clock: Callable[[], float]) -> None:
        self._thresholds = thresholds
        self._clock = clock

    def __call__(self, body: bytes) -> ProcessedContent:
        """Transform each line; all of an object carry the same `processed_timestamp`, to the millisecond."""
        milliseconds = round(self._clock() * 1000)
        now = datetime.fromtimestamp(milliseconds / 1000, UTC)
        lines = body.splitlines()
        try:
            made = [transform(line, self._thresholds, now) for line in lines]
            # Those of a batch are in the order of the stream: the first one has waited longest.
            arrived_at = float(json.loads(lines[0])[KINESIS]["arrived_at"])
        except (BadRawLineError, IndexError, KeyError, TypeError, ValueError) as error:
            raise ForeignObjectError("the object has a line that the processor does not write") from error
        return ProcessedContent(b"".join(line + b"\n" for line in made), len(made), arrived_at)
