"""The function's environment: read once, and refused by the variable's name before any work is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from baler.environment_variables import text, whole_number

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
        patience_seconds: how long after an object was put its batch may still be committed.
        raw_days: how long raw objects are kept; 0 for ever.
    """

    stack: str
    stream: str
    raw_bucket: str
    processed_bucket: str
    progress_table: str
    patience_seconds: int
    raw_days: int

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
            patience_seconds=whole_number(variables, "PATIENCE_SECONDS"),
            raw_days=whole_number(variables, "RAW_DAYS", least=0),
        )
