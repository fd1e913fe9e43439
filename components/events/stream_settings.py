"""The stream: how much it takes, and how long it keeps what nobody has processed."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from components.events import timing
from components.settings.model import PipelineSettings
from components.settings.types import refusal

StreamMode = Literal["provisioned", "on-demand"]


class StreamSettings(PipelineSettings):
    """The load that is expected, and the stream that takes it."""

    expected_per_second: Annotated[int, Field(ge=1, le=100_000)] = 100
    """Events per second that are normal: bursts may bring more, up to what the shards take."""

    stream_mode: StreamMode = "provisioned"
    """How the stream grows: provisioned has eventsShards shards, on-demand as many as the load of 30 days asks for."""

    shards: Annotated[int, Field(ge=1, le=500)] = 2
    """Shards of a provisioned stream, each for 1,000 records or 1 MiB a second; counts for nothing on demand."""

    retention_hours: Annotated[int, Field(ge=24, le=8760)] = 24
    """Hours that the stream keeps a record: the longest outage that loses nothing, and how far a replay goes back."""

    @property
    def oldest_record_seconds(self) -> int:
        """The age at which a record that still fails is set aside."""
        return timing.oldest_record_seconds(retention_hours=self.retention_hours)

    @property
    def patience_seconds(self) -> int:
        """How long after a raw object was written its batch may still be committed."""
        return timing.patience_seconds(retention_hours=self.retention_hours)

    @field_validator("shards")
    @classmethod
    def _the_shards_take_the_load(cls, value: int, info: ValidationInfo) -> int:
        expected = info.data.get("expected_per_second")
        if expected is None or info.data.get("stream_mode") != "provisioned":
            return value
        if value < (needed := -(-expected // timing.RECORDS_PER_SHARD)):
            raise refusal(
                f"it must be at least {needed} with baler:eventsExpectedPerSecond {expected}: a shard takes "
                f"{timing.RECORDS_PER_SHARD} records a second and refuses more",
                needed,
            )
        return value
