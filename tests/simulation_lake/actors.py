"""Execution environments of the two functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from simulation.actor import Actor, Killed
from simulation.workload import START

from baler.store_errors import Unavailable
from runtime.lake.curation.curator import Curator, Outcome
from runtime.lake.ingestion.fetch import Fetcher
from runtime.lake.ingestion.ingestion import StaleEventError, check_age
from runtime.lake.ingestion.outcome import RunOutcome
from runtime.lake.ingestion.source_run import RunTimes
from simulation_lake.stores import Aside, Versions, Web
from simulation_lake.workload import SOURCE

if TYPE_CHECKING:
    from datetime import datetime

    from runtime.lake.ingestion.ports import Secrets
    from simulation_lake.situation import Situation

FUNCTION_TIMEOUT: Final = 18.0
_FETCH_SECONDS: Final = 10.0
# The lease ends after the function's time, and what it sent last.
_LEASE_SECONDS: Final = 25.0
_STALE_SECONDS: Final = 600.0
# An asynchronous invocation is tried twice more, after a minute and after two.
_RETRY_SECONDS: Final = (60.0, 120.0)
_RETRY_DELAY: Final = 30.0
_DEADLINE_MARGIN: Final = 1.0


@dataclass(eq=False)
class Invocation:
    """An event that waits to be handed to the function."""

    event: datetime
    due: float
    tries: int = 0


class IngestionActor(Actor):
    """An execution environment of ingestion."""

    def __init__(self, name: str, situation: Situation) -> None:
        super().__init__(name, situation.world)
        self._invocations = situation.invocations
        design, memory = situation.design, situation.memory
        clock = lambda: self.world.now  # noqa: E731
        self._run = design.run(
            fetcher=Fetcher(Web(self.call, memory), clock, self.pause),
            secrets=_NoSecrets(),
            raw=design.raw(self.call, memory),
            states=design.states(self.call, memory),
            clock=clock,
        )

    def ready_at(self) -> float | None:
        return min((each.due for each in self._invocations), default=None)

    def run(self) -> None:
        invocation = min(self._invocations, key=lambda each: each.due)
        self._invocations.remove(invocation)
        now = self.world.now
        self.timed_out = False
        self.deadline = now + FUNCTION_TIMEOUT
        try:
            check_age(invocation.event, now, _STALE_SECONDS)
            times = RunTimes(now + _FETCH_SECONDS, now + _LEASE_SECONDS)
            report = self._run.run(SOURCE, invocation.event, times)
            self.call("lambda.answer", SOURCE.name, lambda: None)
        except StaleEventError:
            return
        except Killed:
            self._again(invocation)
            raise
        finally:
            self.deadline = None
        if report.ours and report.outcome is RunOutcome.FAILED:
            self._again(invocation)

    def _again(self, invocation: Invocation) -> None:
        if invocation.tries < len(_RETRY_SECONDS):
            due = self.world.now + _RETRY_SECONDS[invocation.tries]
            self._invocations.append(Invocation(invocation.event, due, invocation.tries + 1))


class _NoSecrets:
    """The source needs none."""

    def headers_of(self, source: object) -> tuple[tuple[str, str], ...]:
        del source
        return ()


if TYPE_CHECKING:
    _: Secrets = _NoSecrets()


class CurationActor(Actor):
    """An execution environment of curation; also its clock."""

    def __init__(self, name: str, situation: Situation) -> None:
        super().__init__(name, situation.world)
        self._memory = situation.memory
        design, memory = situation.design, situation.memory
        self._curator = Curator(
            raw=design.raw(self.call, memory),
            read=design.read,
            table=design.table(self.call, memory),
            versions=Versions(self.call, memory) if memory.workload.keeps_versions else None,
            aside=Aside(self.call, memory),
            clock=self,
            random=lambda: 0.5,
            new_token=situation.new_token,
        )

    def now(self) -> float:
        """See the port of the clock."""
        return self.world.now

    def sleep(self, seconds: float) -> None:
        """See the port of the clock."""
        self.pause(seconds)

    def ready_at(self) -> float | None:
        soonest = min((each.visible_at for each in self._memory.queue), default=None)
        return None if soonest is None else max(soonest, START + self._memory.workload.consumed_after)

    def run(self) -> None:
        memory = self._memory
        self.timed_out = False
        announcement = self.call("queue.receive", "", lambda: memory.receive(self.world.now))
        if announcement is None:
            return
        self.deadline = self.world.now + FUNCTION_TIMEOUT
        try:
            report = self._curator.handle(announcement.key, announcement.version, self.deadline - _DEADLINE_MARGIN)
        finally:
            self.deadline = None
        if report.outcome is Outcome.RETRY:
            announcement.visible_at = self.world.now + _RETRY_DELAY
            return
        if report.outcome is Outcome.REFUSED:
            memory.dead.append(f"{announcement.key}: {report.reason}")
        try:
            self.call("queue.delete", announcement.key, lambda: memory.remove(announcement))
        except Unavailable:
            return  # it is seen once more
