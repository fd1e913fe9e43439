"""Execution environments of the compactor."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from simulation.actor import Actor
from simulation.workload import START

from baler.events.partition import Partition
from baler.events.table.source_rows import Row, SourceRows
from baler.store_errors import Unavailable
from runtime.events.compactor.compactor import Announced, Outcome
from simulation_events.processing import FUNCTION_TIMEOUT
from simulation_events.stores import short

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from simulation_events.queues import Message
    from simulation_events.situation import Situation
    from simulation_events.stores import Call, Memory

_MARGIN_SECONDS: Final = 3.0
_BATCH: Final = 4


class ProcessedReader:
    """The processed objects, as the compactor reads them."""

    def __init__(self, call: Call, memory: Memory) -> None:
        self._call = call
        self._processed = memory.processed

    def get(self, keys: Sequence[str]) -> Mapping[str, bytes | None]:
        """See the port."""
        found: dict[str, bytes | None] = {}
        for key in keys:
            try:
                found[key] = self._call("processed.get", short(key), lambda key=key: self._processed.get(key))
            except Unavailable:
                continue
        return found


def read_rows(key: str, body: bytes) -> SourceRows:
    """Make rows of an object."""
    at = datetime.fromtimestamp(START, UTC)
    event_type = key.partition("event_type=")[2].partition("/")[0]
    rows = tuple(_row(line) for line in body.splitlines())
    return SourceRows(key, Partition(event_type, at.year, at.month, at.day, at.hour), rows, at, at)


def _row(line: bytes) -> Row:
    return {"line": line}


class CompactorActor(Actor):
    """An execution environment of the compactor: for batches of its queue, and for the schedule."""

    def __init__(self, name: str, situation: Situation) -> None:
        super().__init__(name, situation.world)
        memory, design = situation.memory, situation.design
        self._situation = situation
        self._queue = memory.compactions
        self._compactor = design.compactor(
            table=design.catalog(self.call, memory.catalog),
            store=ProcessedReader(self.call, memory),
            read=read_rows,
            has_time=lambda: self.deadline is None or self.world.now < self.deadline - _MARGIN_SECONDS,
        )

    def ready_at(self) -> float | None:
        if self._situation.memory.catalog.rewrites_due:
            return self.world.now
        return self._queue.next_at

    def run(self) -> None:
        self.timed_out = False
        catalog = self._situation.memory.catalog
        self.deadline = self.world.now + FUNCTION_TIMEOUT
        try:
            if catalog.rewrites_due:
                catalog.rewrites_due -= 1
                self._compactor.keep(datetime.fromtimestamp(self.world.now, UTC), 0)
            else:
                self._compact()
        except Unavailable:
            pass  # what is not acknowledged is seen once more, and the schedule comes again
        finally:
            self.deadline = None

    def _compact(self) -> None:
        received = self.call("compactions.receive", "", lambda: self._queue.receive(_BATCH))
        if self._situation.design.acknowledges_first:
            self._delete(received)
        sizes = {message.key: len(self._situation.memory.processed[message.key]) for message in received}
        reports = self._compactor.handle([Announced(key, size) for key, size in sizes.items()])
        done = [message for message in received if reports[message.key].outcome is not Outcome.RETRY]
        for message in done:
            if reports[message.key].outcome is Outcome.REFUSED:
                self._queue.refused[message.key] = str(reports[message.key].refusal)
        self._delete(done)

    def _delete(self, messages: Sequence[Message]) -> None:
        """Answer; Lambda deletes what is not reported, each message by itself."""
        for message in messages:
            self.call("compactions.delete", short(message.key), lambda message=message: self._queue.remove(message))
