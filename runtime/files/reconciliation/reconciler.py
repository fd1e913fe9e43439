"""One run of reconciliation: carries the sweep on, page by page, for as long as there is time.

Wherever it dies, the next run begins with the page that was not noted as done. It then sends some messages a second
time, which the claim protocol takes for what they are; what is noted was sent before.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from baler.files.reconciliation.announcer import Announcer, QueueFullError
from baler.files.reconciliation.judgement import NEEDS_ANNOUNCEMENT, SETTLED, Judge, Judgement
from baler.store_errors import Unavailable
from runtime.files.reconciliation.ports import Superseded
from runtime.files.reconciliation.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from baler.files.landed_file import LandedFile
    from baler.files.reconciliation.ports import ClaimReader, IngestQueue, LandedVersions
    from runtime.files.reconciliation.ports import ProgressStore
    from runtime.files.reconciliation.progress import Sweep

# Seconds that must be left to begin another page: one of a thousand files takes a second or two, three tries of each
# of its calls half a minute.
_PAGE_SECONDS: Final = 60.0
# Clocks, and a claim that DynamoDB deletes in the second in which it expires.
_EXPIRY_MARGIN_SECONDS: Final = 3_600


@dataclass(frozen=True, slots=True)
class RunLimits:
    """What a run keeps to.

    Attributes:
        claim_lifetime_seconds: how long a claim lives; an older file is not judged.
        queue_max: messages in the queue, with those that a run adds, above which it adds none.
    """

    claim_lifetime_seconds: int
    queue_max: int


@dataclass(slots=True)
class ReconciliationReport:
    """What a run did.

    Attributes:
        judged: files by what became of them.
        sent: files that were announced again, those included whose message SQS did not acknowledge.
        complete: no sweep is under way: the last one came to its end.
        stopped: why it came no further; empty where it is complete.
        age_seconds: how old the newest file is up to which every file was judged; None where that is not known.
    """

    judged: Counter[Judgement] = field(default_factory=Counter[Judgement])
    sent: int = 0
    complete: bool = False
    stopped: str = ""
    age_seconds: float | None = None


class Reconciler:
    """Compares the landing bucket with the claim table.

    Args:
        landed: the versions in the landing bucket.
        claims: the claim table.
        queue: where files are announced again.
        store: keeps the progress.
        limits: see there.
        clock: the time, seconds since the epoch.
        on_send: called with each file right before it is announced again, with why.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the four ports, limits, clock, and the audit line
        self,
        landed: LandedVersions,
        claims: ClaimReader,
        queue: IngestQueue,
        store: ProgressStore,
        limits: RunLimits,
        clock: Callable[[], float],
        on_send: Callable[[LandedFile, Judgement], None],
    ) -> None:
        self._landed = landed
        self._judge = Judge(claims)
        self._queue = queue
        self._store = store
        self._limits = limits
        self._clock = clock
        self._on_send = on_send
        self._announcer = self._new_announcer()

    def run(
        self, grace_seconds: float, seconds_left: Callable[[], float], *, begin: bool = False
    ) -> ReconciliationReport:
        """Carry the sweep on, or begin one where a day has passed.

        Args:
            grace_seconds: files that landed so recently are left to a later sweep: they may be on their way.
            seconds_left: until the run is killed.
            begin: begin a sweep, whatever is under way and however long ago the last one was.
        """
        report = ReconciliationReport()
        self._announcer = self._new_announcer()
        progress: Progress | None = None
        try:
            progress = self._store.load() or Progress.first(self._clock())
            if begin or progress.is_due(self._clock()):
                progress = progress.begin(self._clock(), grace_seconds)
                # Noted before anything else can fail: the age of what was judged must grow from here on.
                self._store.save(progress)
            while progress.sweep is not None:
                if seconds_left() < _PAGE_SECONDS:
                    report.stopped = "out of time"
                    break
                progress = self._next(progress, progress.sweep, report)
            report.complete = not report.stopped
        except QueueFullError:
            report.stopped = "the queue is full"
        except Superseded:
            report.stopped = "another run goes on"
        except Unavailable as error:
            report.stopped = str(error)
        report.sent = self._announcer.sent
        if progress is not None:
            report.age_seconds = progress.age(self._clock())
        return report

    def _next(self, progress: Progress, sweep: Sweep, report: ReconciliationReport) -> Progress:
        """Do a page, and note that it is done."""
        page = self._landed.page(sweep.after)
        oldest_open = self._settle(page.files, sweep, report)
        sweep = sweep.done(page.next, oldest_open)
        progress = progress.completed(sweep) if page.next is None else progress.carried_on(sweep)
        self._store.save(progress)
        return progress

    def _settle(self, files: Sequence[LandedFile], sweep: Sweep, report: ReconciliationReport) -> float | None:
        """Judge the files of a page, announce what is to be announced; return when the oldest open one landed."""
        now = self._clock()
        known_from = now - self._limits.claim_lifetime_seconds + _EXPIRY_MARGIN_SECONDS
        due = [
            file
            for file in files
            if max(sweep.landed_from, known_from) <= file.event_time.timestamp() < sweep.landed_until
        ]
        if not due:
            return None
        judged = list(self._judge.judge(due, now))
        report.judged.update(judgement for _, judgement in judged)
        self._announcer.announce([pair for pair in judged if pair[1] in NEEDS_ANNOUNCEMENT])
        return min(
            (file.event_time.timestamp() for file, judgement in judged if judgement not in SETTLED), default=None
        )

    def _new_announcer(self) -> Announcer:
        return Announcer(self._queue, self._limits.queue_max, self._on_send)
