"""The protocol's table and the raw store, in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from baler.events.recovery.fence import is_fence
from baler.events.recovery.pseudo_shard import origin_of
from baler.events.recovery.span import Span
from baler.events.stream.frontier import BEGINNING
from baler.store_errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from baler.events.raw_object import StreamObject
    from baler.events.stream.committed_batch import CommittedBatch
    from baler.events.stream.shard_key import ShardKey


@dataclass
class CoverageInMemory:
    """A table.

    Attributes:
        before_commit: called before each commit takes effect; what others do meanwhile.
        silent: calls that are not answered, by name.
    """

    frontiers: dict[ShardKey, str] = field(default_factory=dict["ShardKey", str])
    batches: dict[tuple[ShardKey, str], CommittedBatch] = field(
        default_factory=dict[tuple["ShardKey", str], "CommittedBatch"]
    )
    recovered: dict[ShardKey, list[Span]] = field(default_factory=dict["ShardKey", list[Span]])
    before_commit: Callable[[], None] = lambda: None
    silent: set[str] = field(default_factory=set[str])

    def frontier(self, shard: ShardKey) -> str:
        self._answer("frontier")
        return self.frontiers.get(shard, BEGINNING)

    def batch(self, shard: ShardKey, last: str) -> CommittedBatch | None:
        return self.batches.get((shard, last))

    def recoveries(self, shard: ShardKey) -> int:
        self._answer("recoveries")
        return len(self.recovered.get(shard, []))

    def covered(self, shard: ShardKey, span: Span) -> Sequence[Span]:
        own = [
            Span(batch.first, batch.last)
            for (key, _), batch in self.batches.items()
            if key == shard and not is_fence(batch)
        ]
        return [each for each in (*own, *self.recovered.get(shard, [])) if each.overlaps(span)]

    def batches_over(self, shard: ShardKey, span: Span) -> Sequence[CommittedBatch]:
        shards = {shard} | {each for each, _ in self.batches if origin_of(each) == shard}
        found = [batch for (each, _), batch in self.batches.items() if each in shards and not is_fence(batch)]
        return sorted(
            (batch for batch in found if Span(batch.first, batch.last).overlaps(span)), key=lambda batch: batch.first
        )

    def commit(self, batch: CommittedBatch) -> bool:
        self._answer("commit")
        hook, self.before_commit = self.before_commit, lambda: None
        hook()
        if self.frontiers.get(batch.shard, BEGINNING) != batch.after:
            return False
        self.frontiers[batch.shard] = batch.last
        self.batches[batch.shard, batch.last] = batch
        return True

    def commit_recovery(self, batch: CommittedBatch, origin: ShardKey, recoveries: int) -> bool:
        self._answer("commit")
        hook, self.before_commit = self.before_commit, lambda: None
        hook()
        if len(self.recovered.get(origin, [])) != recoveries or not self.commit(batch):
            return False
        self.recovered.setdefault(origin, []).append(Span(batch.first, batch.last))
        return True

    def note_processed(self, shard: ShardKey, last: str, key: str) -> None:
        raise AssertionError((shard, last, key))

    def _answer(self, call: str) -> None:
        if call in self.silent:
            raise Unavailable(call)


@dataclass
class RawInMemory:
    """The raw store."""

    objects: dict[str, bytes] = field(default_factory=dict[str, bytes])

    def put(self, objects: Sequence[StreamObject]) -> None:
        for each in objects:
            self.objects.setdefault(each.key, each.content)
