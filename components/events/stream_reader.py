"""What the processor and what recovers have in common: both take records of the stream through the same code."""

from dataclasses import dataclass

import pulumi

from components.blocks.policy_document import Statement
from components.events.batch_table import BatchTable
from components.events.event_stream import EventStream
from components.events.progress_table import ProgressTable
from components.events.raw_bucket import RawBucket


@dataclass(frozen=True, kw_only=True)
class StreamReaderArgs:
    """What records are read from, and where they are written to."""

    stream: EventStream
    raw: RawBucket
    progress: ProgressTable
    batches: BatchTable
    batch_days: int
    """How long the record of a batch stays."""

    raw_days: int
    """How long raw objects stay, and what is noted of them; 0 is for ever."""

    def grants(self) -> list[Statement]:
        """Return what that takes, but the reading."""
        return [
            *self.raw.grant_write(),
            *self.progress.grant_commit(),
            *self.batches.grant_report(),
        ]

    def environment(self) -> dict[str, pulumi.Input[str]]:
        """Return what `runtime/events/processor/environment.py` reads."""
        return {
            "STREAM_ARN": self.stream.arn,
            "RAW_BUCKET": self.raw.bucket,
            "PROGRESS_TABLE": self.progress.table,
            "BATCH_TABLE": self.batches.table,
            "BATCH_DAYS": str(self.batch_days),
            "RAW_DAYS": str(self.raw_days),
        }
