"""Commits a batch, and finds out whether it is committed where the answer leaves that open."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from baler.events.stream.committed_batch import CommittedBatch
    from baler.events.stream.ports import StreamTable


def commit(table: StreamTable, batch: CommittedBatch) -> bool:
    """Commit a batch; return whether exactly it is committed.

    A call that was repeated below us (a lost answer, a retry of the client) finds its own frontier and is refused. So a
    refusal is no verdict: if the batch with our last number lists our objects, it is ours. Another's batch with the
    same objects holds the same bytes, since keys carry the hash of the content, and is as good.

    Raises:
        Unavailable: no answer; it may be committed. The records come again, and the frontier tells.
    """
    if table.commit(batch):
        return True
    written = table.batch(batch.shard, batch.last)
    return written is not None and (written.objects, written.rejected) == (batch.objects, batch.rejected)
