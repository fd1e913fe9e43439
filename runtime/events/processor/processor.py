"""Takes a batch of a shard through the protocol: frontier, parse, put, commit, answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from baler.events.raw_object import raw_objects, rejected_object
from baler.events.rejection_reason import RejectionReason
from baler.events.stream.commit import commit
from baler.events.stream.committed_batch import CommittedBatch
from baler.events.stream.frontier import beyond, is_beyond
from baler.events.stream_record import Rejection
from baler.store_errors import Unavailable
from runtime.events.processor.cut import Readable, cut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baler.events.raw_object import StreamObject
    from baler.events.stream.ports import StreamTable
    from baler.events.stream.shard_key import ShardKey
    from baler.events.stream_record import StreamRecord
    from runtime.events.processor.crash_counter import CrashCounter
    from runtime.events.processor.ports import Parse, RawStore

MOST_OBJECTS: Final = 1000
"""Objects that one batch lists: with keys of at most 350 bytes, what an item of DynamoDB holds (400 KB)."""


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What became of a batch.

    Attributes:
        lowest_failure: the sequence number from which on records are to come again, for Lambda's `itemIdentifier`;
            None where all are committed.
        dropped: how many records lay at or before the frontier: another attempt had committed them.
        committed: what this one committed; None if nothing.
        reasons: why each rejected record of what was committed can never be an event.
        failure: what did not answer; None if everything did.
    """

    lowest_failure: str | None
    dropped: int = 0
    committed: CommittedBatch | None = None
    reasons: tuple[RejectionReason, ...] = ()
    failure: Unavailable | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """A batch, distributed over objects: one for each partition, and one for all rejected lines if there are any."""

    found: Readable
    objects: tuple[StreamObject, ...]
    rejected: StreamObject | None


class Processor:
    """Processes batches of one stream.

    Args:
        table: frontiers and batches.
        store: takes the objects.
        parse: reads records.
        crashes: counts the runs that a record killed.
    """

    def __init__(self, table: StreamTable, store: RawStore, parse: Parse, crashes: CrashCounter) -> None:
        self._table = table
        self._store = store
        self._parse = parse
        self._crashes = crashes

    def handle(self, shard: ShardKey, records: Sequence[StreamRecord], deadline: float) -> BatchReport:
        """Process a batch.

        Whatever may pass is reported and never raised: an exception would halve the batch, and, with a record alone,
        count as a kill.

        Args:
            shard: whose records these are.
            records: at least one, in the order of the shard. Those of one sequence number come together.
            deadline: when the function is ended, seconds since the epoch.
        """
        first = records[0].sequence_number
        try:
            frontier = self._table.frontier(shard)
            fresh = beyond(records, frontier)
            if not fresh:
                return BatchReport(None, len(records))
            # The batch as it was handed over: where the record had neighbours, one of those might have killed.
            if first == records[-1].sequence_number:
                return self._handle_single(shard, frontier, fresh, deadline)
            return self._process(shard, frontier, records, self._read(fresh))
        except Unavailable as error:
            return BatchReport(first, failure=error)

    def _handle_single(
        self, shard: ShardKey, frontier: str, records: Sequence[StreamRecord], deadline: float
    ) -> BatchReport:
        """Process a record that was handed over alone, or set it aside if it kills.

        Raises:
            Unavailable: the run could not be noted; nothing was done.
        """
        first = records[0].sequence_number
        run = self._crashes.begin(shard, first, deadline)
        try:
            found = _set_aside(records) if run.kills else self._read(records)
            report = self._process(shard, frontier, records, found)
        except Unavailable as error:
            report = BatchReport(first, failure=error)
        except BaseException:
            run.abandon()
            raise
        run.end()
        return report

    def _process(self, shard: ShardKey, frontier: str, records: Sequence[StreamRecord], found: Readable) -> BatchReport:
        """Put and commit what can be processed.

        Raises:
            Unavailable: the batch may be committed.
        """
        dropped = sum(not is_beyond(record.sequence_number, frontier) for record in records)
        if not found.records:
            return BatchReport(found.deferred, dropped)
        layout = self._lay_out(shard, found)
        found = layout.found
        batch = CommittedBatch(
            shard=shard,
            after=frontier,
            first=found.first,
            last=found.last,
            objects=tuple(each.key for each in layout.objects),
            rejected=layout.rejected.key if layout.rejected else None,
            events=len(found.events),
            rejections=len(found.rejections),
            arrived_at=found.records[-1].arrived_at,
        )
        rejected = () if layout.rejected is None else (layout.rejected,)
        if not self._write(batch, (*layout.objects, *rejected)):
            # Another attempt moved the frontier meanwhile. What it left is seen when the records come again.
            return BatchReport(records[0].sequence_number, dropped)
        return BatchReport(found.deferred, dropped, batch, tuple(each.reason for each in found.rejections))

    def _read(self, records: Sequence[StreamRecord]) -> Readable:
        return cut(records, self._parse(records))

    def _write(self, batch: CommittedBatch, objects: Sequence[StreamObject]) -> bool:
        """Put, then commit: what a committed batch lists is there. Return whether it is committed."""
        self._store.put(objects)
        return commit(self._table, batch)

    def _lay_out(self, shard: ShardKey, found: Readable) -> Layout:
        """Distribute over objects as much of the batch as one item can list."""
        layout = self._objects(shard, found)
        while len(layout.objects) > MOST_OBJECTS and layout.found.first != layout.found.last:
            layout = self._objects(shard, layout.found.half())
        return layout

    def _objects(self, shard: ShardKey, found: Readable) -> Layout:
        span = (shard.label, found.first, found.last)
        return Layout(found, raw_objects(*span, found.events), rejected_object(*span, found.rejections))


def _set_aside(records: Sequence[StreamRecord]) -> Readable:
    rejections = (Rejection(record, RejectionReason.KILLS) for record in records)
    return Readable(tuple(records), (), tuple(rejections), None)
