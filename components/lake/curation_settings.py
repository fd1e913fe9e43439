"""Curation: how raw objects come to it, and what it has to work with."""

from typing import Annotated

from pydantic import Field

from components.lake import timing
from components.lake.ingestion_settings import IngestionSettings


class CurationSettings(IngestionSettings):
    """How raw objects become records."""

    curation_memory_megabytes: Annotated[int, Field(ge=128, le=10_240)] = 256
    """Memory of curation, which holds the records of a raw object; its share of a CPU grows with it."""

    curation_timeout_seconds: Annotated[int, Field(ge=15, le=900)] = 60
    """Longest run of curation, in seconds; its queue hides a message for six times as long."""

    curation_batch_size: Annotated[int, Field(ge=1, le=10)] = 10
    """Most messages of one invocation; more than 10 would have to wait for each other."""

    curation_concurrency: Annotated[int, Field(ge=2, le=1000)] = 10
    """Most invocations of curation that its queue starts at the same time."""

    @property
    def curation_visibility_seconds(self) -> int:
        """How long curation's queue hides a message that it received."""
        return timing.visibility_timeout_seconds(function_timeout=self.curation_timeout_seconds)
