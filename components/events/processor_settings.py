"""The processor: the batches that it takes of each shard, and what it has to work with."""

from typing import Annotated

from pydantic import Field

from components.events.retention_settings import RetentionSettings


class ProcessorSettings(RetentionSettings):
    """How the stream is read."""

    batch_size: Annotated[int, Field(ge=1, le=1000)] = 100
    """Most records of a shard that one invocation takes; Lambda takes fewer where they are more than 6 MB."""

    batching_window_seconds: Annotated[int, Field(ge=0, le=20)] = 5
    """Longest wait for a batch to fill, in seconds. More than 20 leaves no time within the 30-second objective."""

    processor_memory_megabytes: Annotated[int, Field(ge=128, le=10_240)] = 512
    """Memory of the processor; its share of a CPU grows with it."""

    processor_timeout_seconds: Annotated[int, Field(ge=10, le=900)] = 60
    """Longest run of the processor, in seconds: so long a record that kills it holds its shard at each attempt."""
