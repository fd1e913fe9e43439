"""Execution environments of the processor."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final, TypeVar

from simulation.actor import Actor, Killed
from simulation.workload import START

from simulation_events.synthetic import Parser
from simulation_events.workload import shard_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime.events.processor.processor import Processor
    from simulation_events.poller import ShardPoller
    from simulation_events.situation import Situation

T = TypeVar("T")

FUNCTION_TIMEOUT: Final = 18.0


class ProcessorActor(Actor):
    """An execution environment of the processor. Its poller has another, for the time that it holds this for dead."""

    def __init__(self, name: str, shard: int, poller: ShardPoller, situation: Situation) -> None:
        super().__init__(name, situation.world)
        self._shard = shard_of(shard)
        self._poller = poller
        self._situation = situation
        self._alone: int | None = None
        self._in_timer = False
        self._process = itertools.count(1)
        self._alive = 0
        self._processor = self._start_process()

    def ready_at(self) -> float | None:
        return self._poller.ready_at()

    def run(self) -> None:
        now = self.world.now
        begun = self._poller.begin(now)
        if begun is None:
            return
        token, batch = begun
        self._alone = int(batch[0].sequence_number) if len(batch) == 1 else None
        self.deadline = now + FUNCTION_TIMEOUT
        self.timed_out = False
        self.world.at(self.deadline, lambda: self._poller.fail(token, self.world.now))
        try:
            report = self._processor.handle(self._shard, batch, self.deadline)
            self.call("lambda.answer", self._shard.shard_id, lambda: None)
        except Killed:
            if self._alone is not None and not self.timed_out:
                self._situation.memory.invariants.deaths[self._alone] += 1
            self._processor = self._start_process()
            self._poller.fail(token, self.world.now)
            raise
        finally:
            self.deadline = None
        if report.lowest_failure is None:
            self._poller.succeed(token)
        else:
            self._poller.fail_from(token, report.lowest_failure, self.world.now)

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

    def _start_process(self) -> Processor:
        self._alive = next(self._process)
        design, memory, call = self._situation.design, self._situation.memory, self.call
        until = START + self._situation.workload.later_until
        parser = Parser(lambda: self.world.now, until, self.die)
        crashes = design.crashes(design.runs(call, memory), self._timer, self._situation.run_id)
        return design.processor(design.table(call, memory), design.raw(call, memory), parser, crashes)

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
