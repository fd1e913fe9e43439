"""The protocol's table as the processor sees it while it works for a pseudo-shard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from baler.events.recovery.ports import CoverageTable
    from baler.events.stream.committed_batch import CommittedBatch
    from baler.events.stream.shard_key import ShardKey


@dataclass(frozen=True, slots=True)
class PseudoTable:
    """Commits on the condition that what was read of a shard's coverage still holds.

    Attributes:
        table: the protocol's.
        origin: the shard whose records are recovered.
        recoveries: how many had been committed for it when its coverage was read.
    """

    table: CoverageTable
    origin: ShardKey
    recoveries: int

    def frontier(self, shard: ShardKey) -> str:
        """See the port."""
        return self.table.frontier(shard)

    def batch(self, shard: ShardKey, last: str) -> CommittedBatch | None:
        """See the port."""
        return self.table.batch(shard, last)

    def commit(self, batch: CommittedBatch) -> bool:
        """See the port."""
        return self.table.commit_recovery(batch, self.origin, self.recoveries)

    def note_processed(self, shard: ShardKey, last: str, key: str) -> None:
        """See the port."""
        self.table.note_processed(shard, last, key)
