"""What must hold: each record is where it belongs once, and nothing good is set aside."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from simulation.invariants import Harm, Violation

from baler.events.stream.frontier import BEGINNING
from runtime.events.processor.crash_counter import KILLS
from simulation_events.stores import short
from simulation_events.synthetic import code_in, numbers_in, rejected_numbers_in
from simulation_events.workload import Nature

if TYPE_CHECKING:
    from collections.abc import Iterable

    from baler.events.stream.committed_batch import CommittedBatch
    from baler.events.stream.shard_key import ShardKey
    from simulation_events.stores import Memory
    from simulation_events.workload import Workload


@dataclass
class Invariants:
    """Watches one schedule.

    Attributes:
        workload: what is in the stream.
        deaths: for each record, runs with it alone that crashed, and calls about such runs that went wrong or were
            held up.
        committed: how often each record is in what committed batches list.
    """

    workload: Workload
    deaths: Counter[int] = field(default_factory=Counter[int])
    committed: Counter[int] = field(default_factory=Counter[int])
    _last: dict[ShardKey, str] = field(default_factory=dict["ShardKey", str])

    def after_commit(self, batch: CommittedBatch, memory: Memory) -> None:
        """A batch follows the one before, lists what is there, and holds nothing that another holds."""
        if self._last.get(batch.shard, BEGINNING) != batch.after:
            raise Violation(Harm.DAMAGED, f"batch to {int(batch.last)} does not follow the one before")
        self._last[batch.shard] = batch.last
        for key in (*batch.objects, *([batch.rejected] if batch.rejected else [])):
            if key not in memory.raw:
                raise Violation(Harm.LOST, f"a batch lists {key}, which is not there")
            self.committed.update(_numbers_in(memory, key))
        for number, times in self.committed.items():
            if times > 1:
                raise Violation(Harm.DUPLICATED, f"record {number} is in committed batches twice")

    def before_removal(self, key: str, memory: Memory) -> None:
        """What goes is listed by no batch, and what it holds is in batches."""
        if any(key in batch.objects for batch in memory.batches.values()):
            raise Violation(Harm.LOST, f"a batch lists {short(key)}, which is removed")
        for number in _numbers_in(memory, key):
            if not self.committed[number]:
                raise Violation(Harm.LOST, f"record {number} is in no batch, and {short(key)} is removed")

    def after_processed(self, memory: Memory) -> None:
        """No record is in two processed objects."""
        times = Counter(number for body in memory.processed.values() for number in numbers_in(body))
        for number, count in times.items():
            if count > 1:
                raise Violation(Harm.DUPLICATED, f"record {number} is processed {count} times")

    def after_noted(self, keys: Iterable[str], memory: Memory) -> None:
        """A batch says of no object that it is processed before it is."""
        for key in keys:
            if key not in memory.processed:
                raise Violation(Harm.LOST, f"{short(key)} is noted as processed, and it is not")

    def at_the_end(self, memory: Memory, *, names_alone: bool) -> None:
        """Each record is processed or rejected, and rightly so; the table has what is processed."""
        refused = set(memory.transforms.refused)
        if refused != {each.key for each in self.workload.foreign}:
            raise Violation(Harm.MISJUDGED, f"the transformer refused {refused or 'nothing'}")
        self._records_at_the_end(memory, names_alone=names_alone)
        self._table_at_the_end(memory)
        self._orphans_at_the_end(memory, names_alone=names_alone)
        unnoted = memory.processed.keys() - memory.processed_notes
        if unnoted and not names_alone:
            raise Violation(Harm.STUCK, f"{min(unnoted)} is processed, and its batch does not say so")

    def _records_at_the_end(self, memory: Memory, *, names_alone: bool) -> None:
        processed = {number for body in memory.processed.values() for number in numbers_in(body)}
        listed = {batch.rejected for batch in memory.batches.values()}
        keys = [key for key in memory.raw if key.startswith("rejected/") and (names_alone or key in listed)]
        rejected = {number for key in keys for number in _numbers_in(memory, key)}
        for each in self.workload.records:
            good = each.nature in {Nature.GOOD, Nature.LATER}
            if each.number not in processed | rejected:
                raise Violation(Harm.LOST, f"record {each.number} ({each.nature}) is nowhere")
            if each.number in processed and (not good or each.number in rejected):
                raise Violation(Harm.MISJUDGED, f"record {each.number} ({each.nature}) is processed")
            if good and each.number in rejected and self.deaths[each.number] < KILLS:
                raise Violation(Harm.MISJUDGED, f"record {each.number} killed nothing, and is set aside")

    def _orphans_at_the_end(self, memory: Memory, *, names_alone: bool) -> None:
        listed = {key for batch in memory.batches.values() for key in batch.objects}
        orphans = {key for key in memory.raw if key.startswith("raw/")} - listed
        if orphans and not names_alone:
            raise Violation(Harm.STUCK, f"{short(min(orphans))} is an orphan, and was never swept")

    def _table_at_the_end(self, memory: Memory) -> None:
        if memory.compactions.refused:
            raise Violation(Harm.MISJUDGED, f"the compactor refused {set(memory.compactions.refused)}")
        lines = memory.catalog.lines
        for key, body in memory.processed.items():
            if key not in lines:
                raise Violation(Harm.LOST, f"{short(key)} is processed, and not in the table")
            if lines[key] != body.splitlines():
                raise Violation(Harm.DAMAGED, f"the table has {lines[key]} of {short(key)}, which is {body}")
            if self.workload.reprocessed_at_last and code_in(body) < memory.code:
                raise Violation(Harm.STUCK, f"{short(key)} is not what the newest code makes")


def _numbers_in(memory: Memory, key: str) -> list[int]:
    return (rejected_numbers_in if key.startswith("rejected/") else numbers_in)(memory.raw[key])
