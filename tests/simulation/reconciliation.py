"""Reconciliation beside everything else, and what it is for: events that never come, and a queue that is emptied.

It runs while things go wrong, at moments that the seed draws, and then once more and again until it finds nothing.
"""

from __future__ import annotations

import itertools
import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import unquote_plus

from harness.events import LANDED_AT, LANDING
from harness.reconciliation import MemoryClaimReader, MemoryProgress, MemoryVersions

from baler.files.landed_file import LandedFile
from baler.files.reconciliation.judgement import SETTLED
from components.files.timing import SECONDS_PER_DAY, claim_lifetime_days
from runtime.files.reconciliation.ports import Superseded
from runtime.files.reconciliation.reconciler import ReconciliationReport, RunLimits
from simulation.actor import Actor
from simulation.invariants import Harm, Violation
from simulation.workload import START, Announcement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from baler.files.reconciliation.judgement import Judgement
    from runtime.files.reconciliation.progress import Progress
    from simulation.ingest_queue import Queued
    from simulation.situation import Situation
    from simulation.workload import Workload

T = TypeVar("T")

_LIFETIME: Final = claim_lifetime_days(landing_retention=7, dead_letter_retention=14) * SECONDS_PER_DAY
_QUEUE_MAX: Final = 4
# Seconds from the start; a lease ends 48 s after its invocation began.
_PURGED_AFTER: Final = (0.5, 5.0, 21.0, 60.0, 150.0, 400.0)
_RUNS: Final = (0.1, 4.0, 30.0, 55.0, 70.0, 200.0, 450.0)
_GRACES: Final = (0.0, 0.0, 30.0, 300.0)
# The function's timeout, and what a later round may wait for: a lease, an outage, the grace.
_TIMEOUT: Final = 870.0
_ROUND_SECONDS: Final = 320.0
_ROUNDS_MAX: Final = 60


@dataclass(frozen=True, slots=True)
class Losses:
    """What gets lost, and when reconciliation runs meanwhile. Times are seconds from the start.

    Attributes:
        events: the numbers of the messages that S3 never sends.
        purged_after: when queue and dead letters are emptied; None if never.
        runs: when reconciliation runs; empty where there is none, and then nothing is lost either.
        grace: how long it leaves a file alone.
        page_size: versions that one page of its listing has.
    """

    events: frozenset[int] = frozenset()
    purged_after: float | None = None
    runs: tuple[float, ...] = ()
    grace: float = 0.0
    page_size: int = 1


def draw_losses(seed: int, workload: Workload) -> Losses:
    """Draw them: for half of the seeds none."""
    rng = random.Random(f"losses {seed}")  # noqa: S311 - a schedule, no secret
    if rng.random() < 0.5:
        return Losses()
    # What nobody can ever fetch is in no listing either: its message alone tells of it.
    losable = [
        message.number
        for message in workload.announcements
        if all(file.available_after is not None for file in message.files)
    ]
    events = frozenset(number for number in losable if rng.random() < 0.3)
    purged_after = rng.choice(_PURGED_AFTER) if rng.random() < 0.4 else None
    return Losses(
        events=events,
        purged_after=purged_after if len(losable) == len(workload.announcements) else None,
        runs=tuple(sorted(rng.choice(_RUNS) for _ in range(rng.randint(1, 4)))),
        grace=rng.choice(_GRACES),
        page_size=rng.randint(1, 3),
    )


def lose(situation: Situation, losses: Losses) -> None:
    """Empty the queues when it is time, but for what the function moved to the dead letters: that is with people."""
    queue, rejected = situation.queue, situation.memory.rejected

    def is_for_people(message: Queued) -> bool:
        identities = {file.identity for file in message.announcement.files}
        return message.message_id in queue.moved or not rejected.isdisjoint(identities)

    def purge() -> None:
        situation.world.note("operator", "purge", f"{len(queue.messages)} messages, {len(queue.dead)} dead letters")
        queue.messages = {each: message for each, message in queue.messages.items() if is_for_people(message)}
        queue.dead = [message for message in queue.dead if is_for_people(message)]

    if losses.purged_after is not None:
        situation.world.at(START + losses.purged_after, purge)


class ReconcilerActor(Actor):
    """The function, as its schedule invokes it."""

    def __init__(self, name: str, situation: Situation, losses: Losses) -> None:
        super().__init__(name, situation.world)
        self._situation = situation
        self._losses = losses
        self._due = [START + after for after in losses.runs]
        self._progress = _Progress(call=self._call)
        self._queue = _Queue(self, situation)
        self._report: ReconciliationReport | None = None
        self._announced: list[LandedFile] = []
        self._runs = 0

    def ready_at(self) -> float | None:
        return self._due[0] if self._due else None

    def run(self) -> None:
        self._due.pop(0)
        self._runs += 1
        memory = self._situation.memory
        reconciler = self._situation.design.reconciler(
            MemoryVersions(_Landed(self._situation), self._losses.page_size, self._call),
            MemoryClaimReader(memory.table, memory.rejected, self._call),
            self._queue,
            self._progress,
            RunLimits(_LIFETIME, _QUEUE_MAX),
            lambda: self.world.now,
            self._on_send,
        )
        self._report, self._announced = None, []
        self.deadline = ends = self.world.now + _TIMEOUT
        try:
            # Those in the middle carry a sweep on, if one is under way.
            begin = self._runs == 1 or not self._due
            self._report = reconciler.run(self._losses.grace, lambda: ends - self.world.now, begin=begin)
        finally:
            self.deadline = None

    def settle(self, actors: Sequence[Actor]) -> None:
        """Run again and again until everything that landed is settled; what is lost then is lost.

        Raises:
            Violation: it never is.
        """
        if not self._losses.runs:
            return
        for _ in range(_ROUNDS_MAX):
            self.world.tick(_ROUND_SECONDS)
            self._due.append(self.world.now)
            self.world.run_until_rest(actors)
            if self._report is not None and self._is_settled(self._report):
                return
        raise Violation(Harm.LOST, f"reconciliation has not come to an end: {self._report}")

    def _call(self, name: str, effect: Callable[[], T]) -> T:
        return self.call(name, "", effect)

    def _is_settled(self, report: ReconciliationReport) -> bool:
        """Tell whether nothing is left to do but for files that kill, which can be announced for ever."""
        unsettled = sum(count for judgement, count in report.judged.items() if judgement not in SETTLED)
        killing = [file for file in self._announced if self._situation.workload.files[file.identity].kills]
        return report.complete and unsettled == report.sent == len(killing)

    def _on_send(self, file: LandedFile, judgement: Judgement) -> None:
        self._announced.append(file)
        self.world.note(self.name, "announces", f"{file.key}@{file.version_id}", judgement)


class _Landed:
    """The landing bucket's versions, as they are at the moment."""

    def __init__(self, situation: Situation) -> None:
        self._contents = situation.memory.landing.contents
        self._files = situation.workload.files

    def __iter__(self) -> Iterator[LandedFile]:
        for identity, content in self._contents.items():
            file = self._files[identity]
            yield LandedFile(LANDING, file.key, file.version, "an-etag", len(content), LANDED_AT)


@dataclass(frozen=True, slots=True)
class _AnnouncedAgain(Announcement):
    """A message of reconciliation: its real body."""

    text: str = ""

    @property
    def body(self) -> str:
        return self.text


class _Queue:
    """The IngestQueue port on the simulated queue."""

    def __init__(self, actor: ReconcilerActor, situation: Situation) -> None:
        self._actor = actor
        self._situation = situation
        self._numbers = itertools.count(1000)

    def depth(self) -> int:
        return self._actor.call("queue.depth", "", lambda: len(self._situation.queue.messages))

    def send(self, bodies: Sequence[str]) -> None:
        def effect() -> None:
            now = self._situation.world.now
            for body in bodies:
                self._situation.queue.send(self._announcement(body), now)

        self._actor.call("queue.send", f"{len(bodies)}", effect)

    def _announcement(self, body: str) -> Announcement:
        records: list[dict[str, Any]] = json.loads(body)["Records"]
        landed = [record["s3"]["object"] for record in records]
        identities = [f"{LANDING}/{unquote_plus(each['key'])}@{each['versionId']}" for each in landed]
        files = tuple(self._situation.workload.files[identity] for identity in identities)
        return _AnnouncedAgain(next(self._numbers), 0.0, files, body)


class _Progress(MemoryProgress):
    """The ProgressStore port, whose writes may come late: refused, they are then refused without a word."""

    def save(self, progress: Progress) -> None:
        def effect() -> bool:
            before = self.saved
            if before is not None and before != progress and before.generation != progress.generation - 1:
                return False
            self.saved = progress
            return True

        if not self.call("progress.save", effect):
            raise Superseded
