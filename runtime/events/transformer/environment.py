"""The function's environment: read once, and refused by the variable's name before any work is done."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from baler.environment_variables import InvalidEnvironment, text, whole_number
from baler.events.transformation import Thresholds

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Environment:
    """What the stack tells the function.

    Attributes:
        stack: the stack's name, a dimension of every metric.
        stream: ARN of the stream.
        raw_bucket: name of the bucket of raw objects.
        processed_bucket: name of the bucket of processed ones.
        progress_table: name of the protocol's table.
        queue_url: URL of the queue that the batches come from.
        dead_letter_queue_url: URL of its dead letters.
        patience_seconds: how long after an object was put its batch may still be committed.
        thresholds: the limits between classes.
    """

    stack: str
    stream: str
    raw_bucket: str
    processed_bucket: str
    progress_table: str
    queue_url: str
    dead_letter_queue_url: str
    patience_seconds: int
    thresholds: Thresholds

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> Environment:
        """Read the variables.

        Raises:
            InvalidEnvironment: one is missing, empty, or not what it must be.
        """
        return cls(
            stack=text(variables, "STACK"),
            stream=text(variables, "STREAM_ARN"),
            raw_bucket=text(variables, "RAW_BUCKET"),
            processed_bucket=text(variables, "PROCESSED_BUCKET"),
            progress_table=text(variables, "PROGRESS_TABLE"),
            queue_url=text(variables, "TRANSFORM_QUEUE_URL"),
            dead_letter_queue_url=text(variables, "DEAD_LETTER_QUEUE_URL"),
            patience_seconds=whole_number(variables, "PATIENCE_SECONDS"),
            thresholds=_thresholds(variables, "THRESHOLDS"),
        )


def _thresholds(variables: Mapping[str, str], name: str) -> Thresholds:
    written = text(variables, name)
    try:
        limits: dict[str, Any] = json.loads(written)
        return Thresholds(**{name: float(limit) for name, limit in limits.items()})
    except (ValueError, TypeError, AttributeError) as error:
        raise InvalidEnvironment(f"the environment variable {name} is {written!r}: {error}") from error
