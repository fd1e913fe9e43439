"""The settings of the event stream, as far as they cost."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from baler.commands.cost.settings import SharedStackSettings


class EventStackSettings(SharedStackSettings):
    """What costs of the event stream; days of 0 are for ever."""

    stream_mode: Literal["provisioned", "on-demand"] = Field(alias="eventsStreamMode")
    shards: int = Field(alias="eventsShards", ge=1)
    retention_hours: int = Field(alias="eventsRetentionHours", ge=24)
    expected_per_second: int = Field(alias="eventsExpectedPerSecond", ge=1)
    batch_size: int = Field(alias="eventsBatchSize", ge=1)
    batching_window_seconds: int = Field(alias="eventsBatchingWindowSeconds", ge=0)
    processor_memory_megabytes: int = Field(alias="eventsProcessorMemoryMegabytes", ge=128)
    transformer_memory_megabytes: int = Field(alias="eventsTransformerMemoryMegabytes", ge=128)
    transformer_concurrency: int = Field(alias="eventsTransformerConcurrency", ge=2)
    compactor_memory_megabytes: int = Field(alias="eventsCompactorMemoryMegabytes", ge=128)
    compaction_delay_seconds: int = Field(alias="eventsCompactionDelaySeconds", ge=0)
    raw_glacier_days: int = Field(alias="eventsRawGlacierDays", ge=0)
    raw_days: int = Field(alias="eventsRawDays", ge=0)
    processed_days: int = Field(alias="eventsProcessedDays", ge=0)
    compacted_days: int = Field(alias="eventsCompactedDays", ge=0)
    batch_days: int = Field(alias="eventsBatchDays", ge=1)
    log_retention_days: int = Field(alias="eventsLogRetentionDays", ge=1)
