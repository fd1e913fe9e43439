"""Execution environments that run the processor's code."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from simulation.actor import Actor, Killed
from simulation.workload import START

from simulation_events.synthetic import Parser
from simulation_events.workload import shard_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from baler.events.stream.ports import StreamTable
    from baler.events.stream.shard_key import ShardKey
    from baler.events.stream_record import StreamRecord
    from runtime.events.processor.processor import BatchReport, Processor
    from simulation_events.poller import ShardPoller
    from simulation_events.situation import Situation

T = TypeVar("T")

FUNCTION_TIMEOUT: Final = 18.0


class ProcessingActor(Actor):
    """A process in which batches are processed, which may die, and its successors."""

    def __init__(self, name: str, situation: Situation) -> None:
        super().__init__(name, situation.world)
        self._situation = situation
        self._alone: int | None = None
        self._in_timer = False
        self._process = itertools.count(1)
        self._alive = 0
        self._start_process()

    def processor_over(self, table: StreamTable) -> WatchedProcessor:
        """Return the processor of this process, over a table."""
        design, memory, call = self._situation.design, self._situation.memory, self.call
        until = START + self._situation.workload.later_until
        parser = Parser(lambda: self.world.now, until, self.die)
        return WatchedProcessor(design.processor(table, design.raw(call, memory), parser, self._crashes), self._watch)

    def call(self, name: str, subject: str, effect: Callable[[], T], until: float = float("inf")) -> T:
        """Make a call; that of a timer goes well, or the process does not live to make it."""
        if self._in_timer:
            return effect()
        before = len(self.world.injected)
        try:
            return super().call(name, subject, effect, until)
        finally:
            # Whatever goes wrong there, or holds it up, may note a run that has ended: it may count as a kill.
            if name == "runs.update" and any(each.point.actor == self.name for each in self.world.injected[before:]):
                self._situation.memory.invariants.deaths[int(subject)] += 1

    def _begin(self) -> None:
        self._alone = None
        self.timed_out = False
        self.deadline = self.world.now + FUNCTION_TIMEOUT

    def _bury(self) -> None:
        """Count what killed the process, and start another."""
        if self._alone is not None and not self.timed_out:
            self._situation.memory.invariants.deaths[self._alone] += 1
        self._start_process()

    def _watch(self, records: Sequence[StreamRecord]) -> None:
        self._alone = int(records[0].sequence_number) if len(records) == 1 else None

    def _start_process(self) -> None:
        self._alive = next(self._process)
        situation = self._situation
        runs = situation.design.runs(self.call, situation.memory)
        self._crashes = situation.design.crashes(runs, self._timer, situation.run_id)

    def _timer(self, when: float, call: Callable[[], None]) -> Callable[[], None]:
        process, cancelled = self._alive, False

        def fire() -> None:
            if not cancelled and process == self._alive:
                self._in_timer = True
                call()
                self._in_timer = False

        def cancel() -> None:
            nonlocal cancelled
            cancelled = True

        self.world.at(when, fire)
        return cancel


@dataclass(frozen=True)
class WatchedProcessor:
    """The processor; which record is alone is noted before each batch."""

    processor: Processor
    watch: Callable[[Sequence[StreamRecord]], None]

    def handle(self, shard: ShardKey, records: Sequence[StreamRecord], deadline: float) -> BatchReport:
        """See Processor.handle."""
        self.watch(records)
        return self.processor.handle(shard, records, deadline)


class ProcessorActor(ProcessingActor):
    """An execution environment of the processor. Its poller has another, for the time that it holds this for dead."""

    def __init__(self, name: str, shard: int, poller: ShardPoller, situation: Situation) -> None:
        super().__init__(name, situation)
        self._shard = shard_of(shard)
        self._poller = poller

    def ready_at(self) -> float | None:
        return self._poller.ready_at()

    def run(self) -> None:
        self._begin()
        try:
            self._run()
        finally:
            self.deadline = None

    def _run(self) -> None:
        assert self.deadline is not None, "it is under way"
        begun = self._poller.begin(self.world.now)
        if begun is None:
            return
        token, batch = begun
        self.world.at(self.deadline, lambda: self._poller.fail(token, self.world.now))
        try:
            report = self._processor.handle(self._shard, batch, self.deadline)
            self.call("lambda.answer", self._shard.shard_id, lambda: None)
        except Killed:
            self._bury()
            self._poller.fail(token, self.world.now)
            raise
        if report.lowest_failure is None:
            self._poller.succeed(token)
        else:
            self._poller.fail_from(token, report.lowest_failure, self.world.now)

    def _start_process(self) -> None:
        super()._start_process()
        self._processor = self.processor_over(self._situation.design.table(self.call, self._situation.memory))
