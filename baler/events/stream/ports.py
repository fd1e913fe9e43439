"""What the protocol asks of its table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection

    from baler.events.stream.committed_batch import CommittedBatch
    from baler.events.stream.shard_key import ShardKey


class StreamTable(Protocol):
    """Frontiers and batches. Reads are strongly consistent; every call raises Unavailable where it is not answered."""

    def frontier(self, shard: ShardKey) -> str:
        """Return the last committed sequence number of a shard; `frontier.BEGINNING` where there is none."""
        ...

    def batch(self, shard: ShardKey, last: str) -> CommittedBatch | None:
        """Return the batch of a shard that ends with a sequence number."""
        ...

    def commit(self, batch: CommittedBatch) -> bool:
        """In one transaction move the frontier from `batch.after` to `batch.last`, and write the batch.

        Returns:
            False, with nothing written, if the frontier is not `batch.after`: another attempt moved it, or an earlier
            try of this very call did, whose answer was lost.
        """
        ...

    def note_processed(self, shard: ShardKey, last: str, keys: Collection[str]) -> None:
        """Note on a batch that objects of it are processed, one or more; noting them again changes nothing."""
        ...
