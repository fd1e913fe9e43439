"""The protocol's table of one schedule, as an actor calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baler.events.recovery.fence import is_fence
from baler.events.recovery.pseudo_shard import origin_of
from baler.events.recovery.span import Span
from baler.events.stream.frontier import BEGINNING
from simulation_events.stores import short

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from baler.events.stream.committed_batch import CommittedBatch
    from baler.events.stream.shard_key import ShardKey
    from simulation_events.stores import Call, Memory


class Table:
    """The protocol's table, as an actor calls it."""

    def __init__(self, call: Call, memory: Memory) -> None:
        self._call = call
        self._memory = memory

    def frontier(self, shard: ShardKey) -> str:
        """See the port."""
        return self._call("table.frontier", shard.shard_id, lambda: self._memory.frontiers.get(shard, BEGINNING))

    def batch(self, shard: ShardKey, last: str) -> CommittedBatch | None:
        """See the port."""
        subject = f"{shard.shard_id} {int(last)}"
        return self._call("table.batch", subject, lambda: self._memory.batches.get((shard, last)))

    def commit(self, batch: CommittedBatch) -> bool:
        """See the port."""
        subject = f"{batch.shard.shard_id} to {int(batch.last)}"
        return self._call("table.commit", subject, lambda: self._committed(batch))

    def _committed(self, batch: CommittedBatch) -> bool:
        memory = self._memory
        if memory.frontiers.get(batch.shard, BEGINNING) != batch.after:
            return False
        memory.frontiers[batch.shard] = batch.last
        memory.batches[batch.shard, batch.last] = batch
        memory.invariants.after_commit(batch, memory)
        return True

    def note_processed(self, shard: ShardKey, last: str, keys: Collection[str]) -> None:
        """See the port."""
        del shard, last

        def effect() -> None:
            self._memory.processed_notes.update(keys)
            self._memory.invariants.after_noted(keys, self._memory)

        self._call("table.note", " ".join(map(short, keys)), effect)


class CoverageTable(Table):
    """The same with what was recovered, as the recovery function calls it."""

    def recoveries(self, shard: ShardKey) -> int:
        """See the port."""
        return self._call("table.recoveries", shard.shard_id, lambda: len(self._memory.recovered.get(shard, ())))

    def covered(self, shard: ShardKey, span: Span) -> Sequence[Span]:
        """See the port."""

        def effect() -> Sequence[Span]:
            own = [each for each in self._memory.batches.values() if each.shard == shard and not is_fence(each)]
            spans = [Span(each.first, each.last) for each in own]
            return tuple(each for each in (*spans, *self._memory.recovered.get(shard, ())) if each.overlaps(span))

        return self._call("table.covered", shard.shard_id, effect)

    def batches_over(self, shard: ShardKey, span: Span) -> Sequence[CommittedBatch]:
        """See the port of the sweeper."""

        def effect() -> Sequence[CommittedBatch]:
            found = [each for each in self._memory.batches.values() if (origin_of(each.shard) or each.shard) == shard]
            return tuple(each for each in found if not is_fence(each) and Span(each.first, each.last).overlaps(span))

        return self._call("table.covered", shard.shard_id, effect)

    def commit_recovery(self, batch: CommittedBatch, origin: ShardKey, recoveries: int) -> bool:
        """See the port."""

        def effect() -> bool:
            recovered = self._memory.recovered.setdefault(origin, [])
            if len(recovered) != recoveries or not self._committed(batch):
                return False
            recovered.append(Span(batch.first, batch.last))
            return True

        return self._call("table.commit_recovery", f"{batch.shard.shard_id} to {int(batch.last)}", effect)


class Runs:
    """Runs of single records, as an actor notes them: by one kind of call, so that who may do one may do the other."""

    def __init__(self, call: Call, memory: Memory) -> None:
        self._call = call
        self._runs = memory.runs

    def begin(self, shard: ShardKey, sequence_number: str, run_id: str) -> int:
        """See the port."""

        def effect() -> int:
            runs = self._runs.setdefault((shard, sequence_number), set())
            others = len(runs - {run_id})
            runs.add(run_id)
            return others

        return self._call("runs.update", str(int(sequence_number)), effect)

    def end(self, shard: ShardKey, sequence_number: str, run_id: str) -> None:
        """See the port."""
        self._call(
            "runs.update",
            str(int(sequence_number)),
            lambda: self._runs.get((shard, sequence_number), set()).discard(run_id),
        )
