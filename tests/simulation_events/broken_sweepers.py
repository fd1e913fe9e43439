"""Sweepers that are wrong, each in one way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from baler.events.recovery.pseudo_shard import origin_of
from baler.events.stream.frontier import is_beyond
from runtime.events.sweeper.sweeper import Fate, Sweeper
from simulation_events.situation import Design

if TYPE_CHECKING:
    from baler.events.raw_object import RawObjectName
    from baler.events.stream.shard_key import ShardKey


class SweepsWhatIsNotListed(Sweeper):
    """Takes whatever is old and in no batch for an orphan."""

    def _fate(self, key: str, name: RawObjectName, shard: ShardKey) -> Fate:
        batch = self.table.batch(shard, name.last)
        return Fate.LISTED if batch is not None and key in batch.objects else Fate.ORPHAN


class SweepsWhatIsBehindTheFrontier(Sweeper):
    """Does not ask whether other batches hold the records."""

    def _fate(self, key: str, name: RawObjectName, shard: ShardKey) -> Fate:
        if is_beyond(name.last, self.table.frontier(origin_of(shard) or shard)):
            return Fate.UNCOVERED
        batch = self.table.batch(shard, name.last)
        return Fate.LISTED if batch is not None and key in batch.objects else Fate.ORPHAN


class ReadsTheBatchFirst(Sweeper):
    """Reads the batch before the frontier, so that one that is committed in between is missing."""

    def _fate(self, key: str, name: RawObjectName, shard: ShardKey) -> Fate:
        before = self.table.batch(shard, name.last)
        fate = super()._fate(key, name, shard)
        return Fate.ORPHAN if before is None and fate is Fate.LISTED else fate


BROKEN_SWEEPERS: Final = {
    "sweeps-what-is-not-listed": Design(sweeper=SweepsWhatIsNotListed),
    "sweeps-what-is-behind-the-frontier": Design(sweeper=SweepsWhatIsBehindTheFrontier),
    "sweeps-by-the-batch-first": Design(sweeper=ReadsTheBatchFirst),
}
