"""A batch without records: it moves a shard's frontier, so that what lies before it is not committed there any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baler.events.stream.committed_batch import CommittedBatch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baler.events.stream.shard_key import ShardKey
    from baler.events.stream_record import StreamRecord


def fence(shard: ShardKey, frontier: str, records: Sequence[StreamRecord]) -> CommittedBatch:
    """Return the batch that moves a frontier behind records; it covers none of them."""
    return CommittedBatch(
        shard=shard,
        after=frontier,
        first=records[0].sequence_number,
        last=records[-1].sequence_number,
        objects=(),
        rejected=None,
        events=0,
        rejections=0,
        arrived_at=records[-1].arrived_at,
    )


def is_fence(batch: CommittedBatch) -> bool:
    """Whether a batch covers nothing: each record becomes at least one event or rejection."""
    return not (batch.events or batch.rejections)
