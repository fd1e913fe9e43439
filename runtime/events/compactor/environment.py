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
        processed_bucket: name of the bucket of processed objects.
        compacted_bucket: name of the bucket of the table's files.
        database: the table's database in the catalogue.
        table: the table's name.
        queue_url: URL of the queue that the batches come from.
        dead_letter_queue_url: URL of its dead letters.
        compacted_days: how long after its own time an event stays in the table; 0 for ever.
    """

    stack: str
    processed_bucket: str
    compacted_bucket: str
    database: str
    table: str
    queue_url: str
    dead_letter_queue_url: str
    compacted_days: int

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> Environment:
        """Read the variables.

        Raises:
            InvalidEnvironment: one is missing, empty, or not what it must be.
        """
        return cls(
            stack=text(variables, "STACK"),
            processed_bucket=text(variables, "PROCESSED_BUCKET"),
            compacted_bucket=text(variables, "COMPACTED_BUCKET"),
            database=text(variables, "DATABASE"),
            table=text(variables, "TABLE"),
            queue_url=text(variables, "COMPACTION_QUEUE_URL"),
            dead_letter_queue_url=text(variables, "DEAD_LETTER_QUEUE_URL"),
            compacted_days=whole_number(variables, "COMPACTED_DAYS", least=0),
        )
