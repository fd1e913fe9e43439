"""The function's environment: read once, and refused by the variable's name before any work is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from baler.environment_variables import text, whole_number
from baler.lake.declared_sources import declared_sources

if TYPE_CHECKING:
    from collections.abc import Mapping

    from baler.lake.sources import Source


@dataclass(frozen=True, slots=True)
class Environment:
    """What the stack tells the function.

    Attributes:
        stack: the stack's name, a dimension of every metric.
        raw_bucket: name of the raw layer's bucket.
        records_table: name of the table of records.
        counters_table: name of the table of counters.
        versions_table: name of the table of versions; None where records are replaced.
        sources: by name, as the file says that SOURCES_FILE names.
        queue_url: URL of the queue that the batches come from.
        dead_letter_queue_url: URL of its dead letters.
        retention_days: days that records are kept after they were first captured; 0 for ever.
    """

    stack: str
    raw_bucket: str
    records_table: str
    counters_table: str
    versions_table: str | None
    sources: Mapping[str, Source]
    queue_url: str
    dead_letter_queue_url: str
    retention_days: int

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> Environment:
        """Read the variables, and the file of the sources.

        Raises:
            InvalidEnvironment: one is missing, empty, or not what it must be.
        """
        return cls(
            stack=text(variables, "STACK"),
            raw_bucket=text(variables, "RAW_BUCKET"),
            records_table=text(variables, "RECORDS_TABLE"),
            counters_table=text(variables, "COUNTERS_TABLE"),
            versions_table=variables.get("VERSIONS_TABLE") or None,
            sources={each.name: each for each in declared_sources(variables)},
            queue_url=text(variables, "QUEUE_URL"),
            dead_letter_queue_url=text(variables, "DEAD_LETTER_QUEUE_URL"),
            retention_days=whole_number(variables, "RETENTION_DAYS", least=0),
        )
