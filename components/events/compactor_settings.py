"""The compactor: when processed events come into the table, and what it has to work with."""

from typing import Annotated

from pydantic import Field

from components.events import timing
from components.events.transformer_settings import TransformerSettings


class CompactorSettings(TransformerSettings):
    """How few large files are made of many small ones, and what a query of them may read."""

    compaction_delay_seconds: Annotated[int, Field(ge=0, le=300)] = 300
    """Longest wait for processed objects before they are committed to the table, in seconds: fewer, larger files."""

    compactor_memory_megabytes: Annotated[int, Field(ge=1024, le=10_240)] = 2048
    """Memory of the compactor, which holds the events of a commit as columns."""

    compactor_timeout_seconds: Annotated[int, Field(ge=60, le=900)] = 300
    """Longest run of the compactor, in seconds."""

    query_gigabytes: Annotated[int, Field(ge=1, le=100_000)] = 100
    """Gigabytes that one query of the workgroup may read before Athena stops it."""

    @property
    def compaction_visibility_seconds(self) -> int:
        """How long the compactor's queue hides a message that it received."""
        return timing.visibility_timeout_seconds(
            function_timeout=self.compactor_timeout_seconds, batching_window=self.compaction_delay_seconds
        )
