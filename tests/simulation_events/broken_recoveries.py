"""Recoveries that are wrong, each in one way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from baler.events.recovery.pseudo_shard import RecoveryKind
from baler.events.recovery.span import Span
from baler.events.stream.frontier import BEGINNING
from baler.store_errors import Unavailable
from runtime.events.recovery.recovery import Recovery, RecoveryReport
from simulation_events.protocol_table import CoverageTable
from simulation_events.situation import Design

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baler.events.recovery.pseudo_shard import RecoveryRun
    from baler.events.stream.committed_batch import CommittedBatch
    from baler.events.stream.shard_key import ShardKey
    from baler.events.stream_record import StreamRecord


class BehindThePlainFrontier(Recovery):
    """Hands the records to the processor as if the stream brought them once more."""

    def recover(  # noqa: PLR0913 - as the real one
        self,
        run: RecoveryRun,
        shard: ShardKey,
        records: Sequence[StreamRecord],
        at_most: int,
        *,
        until: float,
        deadline: float,
    ) -> RecoveryReport:
        del run, at_most, until
        report = self._processor_over(self._table).handle(shard, records, deadline)
        return RecoveryReport(left=0 if report.failure is None else len(records))


class WithoutFence(Recovery):
    """Redrives what the frontier lies before under the real shard, where an object may have been put and told of."""

    def recover(  # noqa: PLR0913 - as the real one
        self,
        run: RecoveryRun,
        shard: ShardKey,
        records: Sequence[StreamRecord],
        at_most: int,
        *,
        until: float,
        deadline: float,
    ) -> RecoveryReport:
        try:
            beyond = self._coverage(shard, records).beyond
        except Unavailable:
            return RecoveryReport(left=len(records))
        if beyond and run.kind is RecoveryKind.REDRIVE:
            self._processor_over(self._table).handle(shard, beyond[:at_most], deadline)
            return RecoveryReport(left=len(records))
        return super().recover(run, shard, records, at_most, until=until, deadline=deadline)


class CoversNothing(CoverageTable):
    """Says of no record that it is committed."""

    def covered(self, shard: ShardKey, span: Span) -> Sequence[Span]:
        del shard, span
        return ()


class Unconditional(CoverageTable):
    """Commits whatever else has been recovered since."""

    def commit_recovery(self, batch: CommittedBatch, origin: ShardKey, recoveries: int) -> bool:
        del recoveries
        return super().commit_recovery(batch, origin, len(self._memory.recovered.get(origin, ())))


class CoverageFirst(CoverageTable):
    """Reads what is covered before the frontier, so that what is committed in between seems to be missing."""

    def frontier(self, shard: ShardKey) -> str:
        if shard.shard_id.startswith("shard-"):
            self._spans = super().covered(shard, Span(BEGINNING, "9" * 56))
        return super().frontier(shard)

    def covered(self, shard: ShardKey, span: Span) -> Sequence[Span]:
        del shard
        return tuple(each for each in self._spans if each.overlaps(span))


BROKEN_RECOVERIES: Final = {
    "redrives-behind-the-plain-frontier": Design(recovery=BehindThePlainFrontier),
    "redrives-without-a-fence": Design(recovery=WithoutFence),
    "recovers-what-is-covered": Design(coverage=CoversNothing),
    "recovers-unconditionally": Design(coverage=Unconditional),
    "coverage-before-the-frontier": Design(coverage=CoverageFirst),
}
