"""What recovery asks of the protocol's table, beside what the protocol does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from baler.events.stream.ports import StreamTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baler.events.recovery.span import Span
    from baler.events.stream.committed_batch import CommittedBatch
    from baler.events.stream.shard_key import ShardKey


class BatchFinder(Protocol):
    """Finds what was committed."""

    def batches_over(self, shard: ShardKey, span: Span) -> Sequence[CommittedBatch]:
        """Return the batches of a shard, and those recovered for it, that overlap a span, in their order; no fence.

        Raises:
            Unavailable: the table does not answer.
        """
        ...


class CoverageTable(StreamTable, Protocol):
    """Frontiers, batches, and what was recovered. Reads are strongly consistent; every call may raise Unavailable."""

    def recoveries(self, shard: ShardKey) -> int:
        """Return how many batches of pseudo-shards have been committed for a shard."""
        ...

    def covered(self, shard: ShardKey, span: Span) -> Sequence[Span]:
        """Return the spans of all batches of a shard, and of those recovered for it, that overlap one; of no fence.

        Of batches, only those that were committed before the call need be among them.
        """
        ...

    def commit_recovery(self, batch: CommittedBatch, origin: ShardKey, recoveries: int) -> bool:
        """In one transaction commit the batch of a pseudo-shard, note its span on `origin`, and count it there.

        Returns:
            False, with nothing written, if the pseudo-shard's frontier is not `batch.after`, or another recovery of
            the shard was committed since `recoveries` was read.
        """
        ...
