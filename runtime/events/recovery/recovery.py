"""Commits those records of a shard that no batch covers, by the processor's own code."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol

from baler.events.recovery.fence import fence
from baler.events.recovery.pseudo_shard import RecoveryKind, pseudo_shard
from baler.events.recovery.span import Span, uncovered_runs
from baler.events.stream.frontier import is_beyond
from baler.store_errors import Unavailable
from runtime.events.recovery.pseudo_table import PseudoTable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from baler.events.recovery.ports import CoverageTable
    from baler.events.recovery.pseudo_shard import RecoveryRun
    from baler.events.stream.committed_batch import CommittedBatch
    from baler.events.stream.ports import StreamTable
    from baler.events.stream.shard_key import ShardKey
    from baler.events.stream_record import StreamRecord

_REFUSED_IN_A_ROW: Final = 5
"""So often others may have changed what was read before the run is left to its next try."""
_BATCH_SECONDS: Final = 5.0
"""No batch is begun with less time than this before the function is ended."""


class BatchReport(Protocol):
    """What the processor says of a batch."""

    @property
    def committed(self) -> CommittedBatch | None:
        """What was committed; None if nothing."""
        ...

    @property
    def failure(self) -> Unavailable | None:
        """What did not answer; None if everything did."""
        ...


class BatchProcessor(Protocol):
    """The processor, over a table."""

    def handle(self, shard: ShardKey, records: Sequence[StreamRecord], deadline: float) -> BatchReport:
        """Process a batch; see runtime/events/processor/processor.py."""
        ...


@dataclass(frozen=True, slots=True)
class RecoveryReport:
    """What became of some records of a shard. The numbers of records add up to them all.

    Attributes:
        covered: records that had been committed before.
        recovered: records that this call committed; in a dry run those that it would.
        left: records that wait: beyond the frontier, not reached before the deadline, or a store did not answer.
        beyond: of these, those that the stream's own reader is to bring, since the frontier lies before them.
        events: what the recovered records held; 0 in a dry run.
        rejections: the same.
        failure: what did not answer; "" where everything did.
    """

    covered: int = 0
    recovered: int = 0
    left: int = 0
    beyond: int = 0
    events: int = 0
    rejections: int = 0
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is known of some records.

    Attributes:
        recoveries: of their shard, read before all else.
        frontier: of their shard, read before the spans.
        runs: records at or behind the frontier that no batch covers.
        beyond: records that the frontier lies before.
        covered: how many are committed.
    """

    recoveries: int
    frontier: str
    runs: Sequence[tuple[StreamRecord, ...]]
    beyond: tuple[StreamRecord, ...]
    covered: int

    @property
    def uncovered(self) -> int:
        """How many records lie at or behind the frontier, and no batch covers them."""
        return sum(len(run) for run in self.runs)


class Recovery:
    """Recovers records.

    Records at or behind the frontier of their shard come by no other way any more, so the batches that cover them are
    all there once the frontier is read. They are committed under a pseudo-shard, on the condition that nothing else
    has been recovered for the shard since. The frontier lies before the others. A redrive moves it behind them first,
    by a fence: Lambda gave them up in the order of the shard, so no record before them is to come from it. Under the
    shard itself they are never committed: an earlier attempt may have put objects of the same names, whose
    announcement has run out of patience. A replay leaves them to the stream's reader.

    Args:
        table: the protocol's.
        processor_over: the processor over a table.
        note: is told of each batch that was committed.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        table: CoverageTable,
        processor_over: Callable[[StreamTable], BatchProcessor],
        note: Callable[[CommittedBatch], None],
        clock: Callable[[], float],
    ) -> None:
        self._table = table
        self._processor_over = processor_over
        self._note = note
        self._clock = clock

    def preview(self, run: RecoveryRun, shard: ShardKey, records: Sequence[StreamRecord]) -> RecoveryReport:
        """Say what `recover` would do; the arguments are the same."""
        try:
            known = self._coverage(shard, records)
        except Unavailable as error:
            return RecoveryReport(left=len(records), failure=str(error))
        if run.kind is RecoveryKind.REDRIVE:
            return RecoveryReport(covered=known.covered, recovered=known.uncovered + len(known.beyond))
        beyond = len(known.beyond)
        return RecoveryReport(covered=known.covered, recovered=known.uncovered, left=beyond, beyond=beyond)

    def recover(  # noqa: PLR0913 - two clocks are in it
        self,
        run: RecoveryRun,
        shard: ShardKey,
        records: Sequence[StreamRecord],
        at_most: int,
        *,
        until: float,
        deadline: float,
    ) -> RecoveryReport:
        """Commit the records that no batch covers, as far as time allows.

        Args:
            run: whose pseudo-shards are used.
            shard: whose records these are.
            records: at least one; all that the shard has from the first of them to the last, in its order.
            at_most: records in a batch.
            until: when no batch but the first is begun, seconds since the epoch.
            deadline: when the function is ended, the same.
        """
        done = RecoveryReport()
        left, beyond, tries, refused, failure = len(records), 0, 0, 0, ""
        try:
            while True:
                known = self._coverage(shard, records)
                left = known.uncovered + len(known.beyond)
                beyond = len(known.beyond) if run.kind is RecoveryKind.REPLAY else 0
                if refused == _REFUSED_IN_A_ROW or self._is_late(tries, until, deadline):
                    break
                tries += 1
                if known.beyond and run.kind is RecoveryKind.REDRIVE:
                    refused = 0 if self._table.commit(fence(shard, known.frontier, known.beyond)) else refused + 1
                    continue
                if not known.runs:
                    break
                chosen = known.runs[0][:at_most]
                table = PseudoTable(self._table, shard, known.recoveries)
                target = pseudo_shard(run, shard, chosen[0].sequence_number)
                answer = self._processor_over(table).handle(target, chosen, deadline)
                if answer.failure is not None:
                    failure = str(answer.failure)
                    break
                refused = 0 if answer.committed else refused + 1
                if answer.committed:
                    self._note(answer.committed)
                    done = _with(done, answer.committed, chosen)
        except Unavailable as error:
            left, failure = min(left, len(records) - done.recovered), str(error)
        covered = len(records) - done.recovered - left
        return replace(done, covered=covered, left=left, beyond=beyond, failure=failure)

    def _is_late(self, tries: int, until: float, deadline: float) -> bool:
        """Whether no further batch is begun; the first one always is, or calls with little time would come nowhere."""
        now = self._clock()
        return now >= deadline - _BATCH_SECONDS or (tries > 0 and now >= until)

    def _coverage(self, shard: ShardKey, records: Sequence[StreamRecord]) -> Coverage:
        """Read what covers records, in the order that makes it certain: recoveries, frontier, spans."""
        recoveries = self._table.recoveries(shard)
        frontier = self._table.frontier(shard)
        behind = [record for record in records if not is_beyond(record.sequence_number, frontier)]
        beyond = tuple(record for record in records if is_beyond(record.sequence_number, frontier))
        if not behind:
            return Coverage(recoveries, frontier, (), beyond, 0)
        spans = self._table.covered(shard, Span(behind[0].sequence_number, behind[-1].sequence_number))
        runs = uncovered_runs(behind, spans)
        return Coverage(recoveries, frontier, runs, beyond, len(behind) - sum(len(each) for each in runs))


def _with(report: RecoveryReport, batch: CommittedBatch, chosen: Sequence[StreamRecord]) -> RecoveryReport:
    span = Span(batch.first, batch.last)
    return replace(
        report,
        recovered=report.recovered + sum(span.holds(record.sequence_number) for record in chosen),
        events=report.events + batch.events,
        rejections=report.rejections + batch.rejections,
    )
