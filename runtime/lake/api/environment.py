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
        records_table, counters_table, sources_table: names of tables; the last has the key of paging.
        sources: as the file says that SOURCES_FILE names.
        retention_days: how long records are kept; 0 for ever.
    """

    stack: str
    records_table: str
    counters_table: str
    sources_table: str
    sources: tuple[Source, ...]
    retention_days: int

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> Environment:
        """Read the variables, and the file of the sources.

        Raises:
            InvalidEnvironment: one is missing, empty, or not what it must be.
        """
        return cls(
            stack=text(variables, "STACK"),
            records_table=text(variables, "RECORDS_TABLE"),
            counters_table=text(variables, "COUNTERS_TABLE"),
            sources_table=text(variables, "SOURCES_TABLE"),
            sources=declared_sources(variables),
            retention_days=whole_number(variables, "RETENTION_DAYS", least=0),
        )
