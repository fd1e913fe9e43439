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
        failure_bucket: name of the mapping's destination on failure.
        raw_bucket: name of the bucket of raw objects and rejected lines.
        progress_table: name of the protocol's table.
        batch_table: name of the table of batches.
        batch_days: how long that keeps a batch.
        raw_days: how long raw objects are kept; 0 for ever.
    """

    stack: str
    stream: str
    failure_bucket: str
    raw_bucket: str
    progress_table: str
    batch_table: str
    batch_days: int
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
            failure_bucket=text(variables, "FAILURE_BUCKET"),
            raw_bucket=text(variables, "RAW_BUCKET"),
            progress_table=text(variables, "PROGRESS_TABLE"),
            batch_table=text(variables, "BATCH_TABLE"),
            batch_days=whole_number(variables, "BATCH_DAYS"),
            raw_days=whole_number(variables, "RAW_DAYS", least=0),
        )
