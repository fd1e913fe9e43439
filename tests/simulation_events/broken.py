"""Protocols that are wrong, each in one way: what the simulation must find, or it proves nothing of the real one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from baler.events.stream.frontier import BEGINNING
from baler.events.stream_record import Event
from baler.store_errors import Unavailable
from runtime.events.processor.crash_counter import CrashCounter
from runtime.events.processor.cut import Readable
from runtime.events.processor.processor import Layout, Processor
from runtime.events.transformer.transformer import Outcome, Report, Transformer
from simulation_events.broken_compactors import BROKEN_COMPACTORS
from simulation_events.broken_recoveries import BROKEN_RECOVERIES
from simulation_events.broken_sweepers import BROKEN_SWEEPERS
from simulation_events.protocol_table import Table
from simulation_events.situation import Design
from simulation_events.stores import Raw
from simulation_events.workload import shard_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from baler.events.raw_object import StreamObject
    from baler.events.stream.committed_batch import CommittedBatch
    from baler.events.stream.shard_key import ShardKey
    from baler.events.stream_record import StreamRecord
    from runtime.events.transformer.batch_objects import BatchObjects
    from simulation_events.stores import Call, Memory


class NoFrontier(Table):
    """Nothing is committed: every batch is new, and every object is read."""

    def frontier(self, shard: ShardKey) -> str:
        del shard
        return BEGINNING

    def commit(self, batch: CommittedBatch) -> bool:
        del batch
        return True


class NoGate(Transformer):
    """Reads whatever it is told of."""

    def handle(self, batch: BatchObjects, now: float) -> dict[str, Report]:
        del now
        return {key: self._read_at_once(key) for key in batch.written_at}

    def _read_at_once(self, key: str) -> Report:
        try:
            body = self._source.get(key)
            if body is None:
                return Report(Outcome.REFUSED)
            self._target.put(key, self._transform(body).body)
            self._table.note_processed(shard_of(0), "", [key])
        except Unavailable as error:
            return Report(Outcome.RETRY, str(error))
        return Report(Outcome.PROCESSED)


class NamesByLess(Processor):
    """Names an object by less than what tells it from others."""

    def name(self, key: str) -> str:
        """Return the name for what the real one would be."""
        raise NotImplementedError

    def _objects(self, shard: ShardKey, found: Readable) -> Layout:
        layout = super()._objects(shard, found)
        return replace(layout, objects=tuple(replace(each, key=self.name(each.key)) for each in layout.objects))


class NamesByClock(NamesByLess):
    """Names an object by the time at which it is written."""

    def name(self, key: str) -> str:
        assert isinstance(self._store, Raw)
        return f"{key.rpartition('/')[0]}/data_{self._store.now}"


class NamesByFirst(NamesByLess):
    """Names an object by the first number of its batch, whose content may be another one the next time."""

    def name(self, key: str) -> str:
        return key.rsplit("_", 2)[0]


class CommitsFirst(Processor):
    """Commits before it puts."""

    def _write(self, batch: CommittedBatch, objects: Sequence[StreamObject]) -> bool:
        if not super()._write(batch, ()):
            return False
        self._store.put(objects)
        return True


class WritesBeforeParsing(Processor):
    """Takes every record for an event, and writes it, before it is parsed."""

    def _read(self, records: Sequence[StreamRecord]) -> Readable:
        at = datetime.fromtimestamp(0, UTC)
        events = tuple(Event("metric", at, b"%d" % int(each.sequence_number), each, "") for each in records)
        return Readable(tuple(records), events, (), None)


class ReportsWithoutCut(Processor):
    """Reports a record that is for later, and commits what follows it."""

    def _read(self, records: Sequence[StreamRecord]) -> Readable:
        parsed, found = self._parse(records), super()._read(records)
        return Readable(tuple(records), tuple(parsed.events), tuple(parsed.rejections), found.deferred)


class BatchesFirst(Table):
    """Reads batches before the frontier."""

    def __init__(self, call: Call, memory: Memory) -> None:
        super().__init__(call, memory)
        self._batches: dict[tuple[ShardKey, str], CommittedBatch] = {}

    def frontier(self, shard: ShardKey) -> str:
        self._batches = self._call("table.batch", shard.shard_id, lambda: dict(self._memory.batches))
        return super().frontier(shard)

    def batch(self, shard: ShardKey, last: str) -> CommittedBatch | None:
        return self._batches.get((shard, last))


class KeepsBatches(BatchesFirst):
    """Keeps what it found of the batches from one invocation to the next, and reads the frontier anew."""

    def frontier(self, shard: ShardKey) -> str:
        return Table.frontier(self, shard) if self._batches else super().frontier(shard)


class NotesWholeBatches(Transformer):
    """Notes all objects of a batch that it was told of, whatever became of each."""

    def _note(self, shard: ShardKey, last: str, reports: dict[str, Report]) -> None:
        super()._note(shard, last, {key: replace(each, outcome=Outcome.PROCESSED) for key, each in reports.items()})


class DeletableRaw(Raw):
    """A raw store that lets the transformer delete."""

    def delete(self, key: str) -> None:
        self._memory.raw.pop(key, None)


class DeletesOrphans(Transformer):
    """Deletes what no batch lists, as far as it can see."""

    def handle(self, batch: BatchObjects, now: float) -> dict[str, Report]:
        reports = super().handle(batch, now)
        for key, report in reports.items():
            if report.outcome in {Outcome.SKIPPED, Outcome.NOT_YET}:
                assert isinstance(self._source, DeletableRaw)
                self._source.delete(key)
        return reports


class CountsDeadlines(CrashCounter):
    """Does not note the end of a run that the clock ends."""

    def _end_at(self, when: float, end: Callable[[], None]) -> Callable[[], None]:
        del when, end
        return lambda: None


BROKEN: Final = {
    "names-by-clock": Design(table=NoFrontier, transformer=NoGate, processor=NamesByClock, names_alone=True),
    "names-by-first": Design(table=NoFrontier, transformer=NoGate, processor=NamesByFirst, names_alone=True),
    "names-by-first-and-last": Design(table=NoFrontier, transformer=NoGate, names_alone=True),
    "commits-first": Design(processor=CommitsFirst),
    "writes-before-parsing": Design(processor=WritesBeforeParsing),
    "reports-without-cut": Design(processor=ReportsWithoutCut),
    "no-gate": Design(transformer=NoGate),
    "batches-first": Design(table=BatchesFirst),
    "keeps-batches": Design(table=KeepsBatches),
    "notes-whole-batches": Design(transformer=NotesWholeBatches),
    "deletes-orphans": Design(transformer=DeletesOrphans, raw=DeletableRaw),
    "counts-deadlines": Design(crashes=CountsDeadlines),
    **BROKEN_COMPACTORS,
    **BROKEN_RECOVERIES,
    **BROKEN_SWEEPERS,
}
"""By what they do wrong."""
