"""Puts raw objects back that a committed batch lists and that are gone, from the records that the stream still has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baler.events.raw_object import raw_objects
from baler.events.recovery.span import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baler.events.recovery.ports import BatchFinder
    from baler.events.stream.committed_batch import CommittedBatch
    from baler.events.stream.shard_key import ShardKey
    from baler.events.stream_record import StreamRecord
    from runtime.events.recovery.ports import ObjectStore, Parse


class Restoration:
    """Puts objects back under their own names: the same records make the same bytes, so their batches list them.

    Args:
        batches: finds what was committed.
        store: puts those objects that are not there.
        parse: reads records.
    """

    def __init__(self, batches: BatchFinder, store: ObjectStore, parse: Parse) -> None:
        self._batches = batches
        self._store = store
        self._parse = parse

    def restore(self, shard: ShardKey, records: Sequence[StreamRecord]) -> tuple[StreamRecord, ...]:
        """Put back the objects of the batches that lie within some records.

        Args:
            shard: whose records these are.
            records: at least one; all that the shard has from the first of them to the last.

        Returns:
            The last of the records, of which the batch goes on behind them: they are to come before the next ones.

        Raises:
            Unavailable: a store does not answer.
        """
        first, last = records[0].sequence_number, records[-1].sequence_number
        kept: tuple[StreamRecord, ...] = ()
        for batch in self._batches.batches_over(shard, Span(first, last)):
            span = Span(batch.first, batch.last)
            inside = tuple(record for record in records if span.holds(record.sequence_number))
            if batch.last > last:
                kept = inside
            elif first <= batch.first:
                self._restore(batch, inside)
        return kept

    def _restore(self, batch: CommittedBatch, records: Sequence[StreamRecord]) -> None:
        made = raw_objects(batch.shard.label, batch.first, batch.last, self._parse(records).events)
        # What is made by other code than then may differ: nobody would read it.
        self._store.put([each for each in made if each.key in batch.objects])
