"""The operator's redrives and replays, and execution environments of the function that they invoke."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from simulation.actor import Killed

from baler.events.recovery.pseudo_shard import RecoveryKind, RecoveryRun
from simulation_events.processing import ProcessingActor
from simulation_events.workload import key_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from baler.events.stream_record import StreamRecord
    from simulation_events.situation import Situation

_AGAIN_SECONDS: Final = 30.0


@dataclass(frozen=True)
class Job:
    """What the function is invoked with.

    Attributes:
        run: of the operator's command.
        records: of one shard, without gap.
        at_most: records in a batch.
        due: when, seconds since the epoch.
    """

    run: RecoveryRun
    records: Sequence[StreamRecord]
    at_most: int
    due: float


class Operator:
    """Invokes the function until nothing is left, with smaller batches where it died."""

    def __init__(self, situation: Situation) -> None:
        self._situation = situation
        self._runs: Iterator[int] = itertools.count(1)
        self.jobs: list[Job] = []

    def redrive(self) -> None:
        """Bring back whatever was given up until now, each object by itself."""
        run = self._run(RecoveryKind.REDRIVE)
        for records in self._situation.memory.given_up:
            self._ask(run, records)

    def replay(self, shard: int, first: int, last: int) -> None:
        """Bring back what the stream has of a shard by now, from one place to another."""
        now = self._situation.world.now
        records = [each.record for each in self._situation.workload.records if each.shard == shard]
        records = [record for record in records[first : last + 1] if record.arrived_at <= now]
        if records:
            self._ask(self._run(RecoveryKind.REPLAY), records)

    def ask_again(self, job: Job, at_most: int) -> None:
        """Invoke it once more, after some time."""
        self.jobs.append(replace(job, at_most=at_most, due=self._situation.world.now + _AGAIN_SECONDS))

    def _ask(self, run: RecoveryRun, records: Sequence[StreamRecord]) -> None:
        world, batch = self._situation.world, self._situation.workload.batch
        world.note("operator", str(run.kind), ", ".join(str(int(record.sequence_number)) for record in records))
        self.jobs.append(Job(run, records, batch, world.now))

    def _run(self, kind: RecoveryKind) -> RecoveryRun:
        began = datetime.fromtimestamp(int(self._situation.world.now), UTC)
        return RecoveryRun(kind, began, f"{next(self._runs):06x}")


class RecoveryActor(ProcessingActor):
    """An execution environment of the function that recovers."""

    def __init__(self, name: str, operator: Operator, situation: Situation) -> None:
        super().__init__(name, situation)
        self._operator = operator
        self._recovery = situation.design.recovery(
            situation.design.coverage(self.call, situation.memory),
            self.processor_over,
            lambda _: None,
            lambda: self.world.now,
        )

    def ready_at(self) -> float | None:
        return min((job.due for job in self._operator.jobs), default=None)

    def run(self) -> None:
        self._begin()
        assert self.deadline is not None, "it is under way"
        jobs = self._operator.jobs
        job = min(jobs, key=lambda each: each.due)
        jobs.remove(job)
        shard = key_of(job.records[0].shard_id)
        try:
            report = self._recovery.recover(
                job.run, shard, job.records, job.at_most, until=self.deadline, deadline=self.deadline
            )
        except Killed:
            self._bury()
            self._operator.ask_again(job, max(1, job.at_most // 2))
            raise
        finally:
            self.deadline = None
        if report.left > report.beyond:
            self._operator.ask_again(job, job.at_most)
