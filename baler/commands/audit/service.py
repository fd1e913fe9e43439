"""One audit: what landed is compared with what the archive holds, and what is left over with the claims.

The archive is asked, not the claim table: each bundle's manifest says what it holds, so an audit does not rest on the
notes of the program that it audits. Only what no archived bundle holds is judged by its claim, by the code of the
nightly reconciliation (baler/files/reconciliation/judgement.py). Each place is read after the one before it on a
file's way, so that what moves meanwhile is seen further on and never nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from baler.commands.audit.bundles import BundleSide
from baler.commands.audit.report import found, held_twice
from baler.commands.audit.step import Step
from baler.commands.audit.tally import OF_JUDGEMENT, Tally
from baler.files.archive.parallel import concurrently
from baler.files.reconciliation.announcer import QueueFullError
from baler.files.reconciliation.judgement import NEEDS_ANNOUNCEMENT, Judge, Judgement
from baler.files.story.evidence import FileEvidence
from baler.files.story.state import FileState, Standing
from baler.files.story.verdict import GRACE_SECONDS, state_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from baler.cli.report import Event
    from baler.cli.shutdown import Shutdown
    from baler.commands.audit.workspace import Workspace
    from baler.files.landed_file import LandedFile
    from baler.files.places.bundle_inspector import BundleInspector
    from baler.files.reconciliation.announcer import Announcer
    from baler.files.reconciliation.ports import LandedVersions, Marker


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """One audit.

    Attributes:
        landed: the versions in the landing bucket.
        inspector: archive, mailbox, claims, receipts and ledger.
        space: what is known so far.
        announcer: sends files again; None where nothing is to be repaired.
        start, end: files that landed from the one on and before the other are compared.
        clock: the time, seconds since the epoch.
        shutdown: how it is stopped.
        report: gets every event.
    """

    landed: LandedVersions
    inspector: BundleInspector
    space: Workspace
    announcer: Announcer | None
    start: datetime
    end: datetime
    clock: Callable[[], float]
    shutdown: Shutdown
    report: Callable[[Event], None]

    def run(self) -> Tally:
        """Compare everything.

        Raises:
            S3Error: S3 failed.
            Unavailable: DynamoDB or SQS did not answer.
            sqlite3.Error: the disk is full.
        """
        tally = Tally()
        bundles = BundleSide(self.inspector, self.space, self.shutdown, self.report)
        tally.landed = self._list_landed()
        tally.bundles, tally.unreadable = bundles.read(self.start)
        bundles.list_mailbox()
        self.space.sort()
        bundles.follow()
        tally.states.update(self.space.settled())
        self._judge_the_rest(tally)
        for identity, bundle_ids in self.space.twice():
            tally.twice += 1
            self.report(held_twice(*bundles.name_of(identity, bundle_ids), bundle_ids))
        return tally

    def _list_landed(self) -> int:
        step = Step("landing bucket", "versions", self.report)
        listed = kept = 0
        after: Marker | None = None
        start, end = self.start.timestamp(), self.end.timestamp()
        while True:
            page = self.landed.page(after)
            due = [file for file in page.files if start <= file.event_time.timestamp() < end]
            self.space.add_landed(due)
            listed, kept = listed + len(page.files), kept + len(due)
            self.shutdown.interruption_point()
            step.at(listed, last=page.next is None)
            if page.next is None:
                return kept
            after = page.next

    def _judge_the_rest(self, tally: Tally) -> None:
        """Judge the files that no bundle with a known state holds, and announce what is missing."""
        judge = Judge(self.inspector.claims)
        for batch in self.space.unsettled():
            judged = list(judge.judge(batch, self.clock()))
            repaired = self._repaired([pair for pair in judged if pair[1] in NEEDS_ANNOUNCEMENT], tally)
            for file, state in self._states_of(judged):
                tally.states[state] += 1
                if state.standing in {Standing.WRONG, Standing.UNKNOWN}:
                    self.report(found(file, state, announced=file.identity in repaired))
            self.shutdown.interruption_point()

    def _repaired(self, judged: Sequence[tuple[LandedFile, Judgement]], tally: Tally) -> set[str]:
        """Send what is missing to the queue again, as far as the queue has room; return the identities."""
        due = [pair for pair in judged if self._is_overdue(pair[0]) or pair[1] is Judgement.UNFINISHED]
        if self.announcer is None or tally.queue_is_full:
            return set()
        before = self.announcer.sent
        try:
            self.announcer.announce(due)
        except QueueFullError:
            tally.queue_is_full = True
        tally.announced = self.announcer.sent
        return {file.identity for file, _ in due[: self.announcer.sent - before]}

    def _states_of(self, judged: Iterable[tuple[LandedFile, Judgement]]) -> Iterator[tuple[LandedFile, FileState]]:
        delivered: list[LandedFile] = []
        for file, judgement in judged:
            if judgement is Judgement.DELIVERED:
                delivered.append(file)
            elif judgement is Judgement.MISSING and not self._is_overdue(file):
                yield file, FileState.WAITING
            else:
                yield file, OF_JUDGEMENT[judgement]
        yield from concurrently(self._inspected, delivered)

    def _inspected(self, file: LandedFile) -> tuple[LandedFile, FileState]:
        """Look into the bundle that a file's claim names: no manifest that was read has it."""
        claim = self.inspector.claims.claims([file.identity]).get(file.identity)
        if claim is None or claim.is_given_back:
            return file, FileState.MISSING
        bundle = self.inspector.inspect(claim.bundle_id, file.key, file.version_id)
        return file, state_of(FileEvidence(file, claim, (bundle.holding,)), self.clock())

    def _is_overdue(self, file: LandedFile) -> bool:
        return self.clock() - file.event_time.timestamp() >= GRACE_SECONDS
