"""One audit: what landed is compared with what the archive holds, and what is left over with the claims.

The archive is asked, not the claim table: each bundle's manifest says what it holds, so an audit does not rest on the
notes of the program that it audits. Only what no archived bundle holds is judged by its claim, by the code of the
nightly reconciliation (baler/files/reconciliation/judgement.py). Each place is read after the one before it on a
file's way, so that what moves meanwhile is seen further on and never nowhere.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from baler.cli.period import Period
from baler.cli.s3 import S3GoneError
from baler.commands.audit.report import bundle_found, found, held_twice, progress
from baler.commands.audit.tally import OF_JUDGEMENT, Tally
from baler.commands.audit.workspace import identify
from baler.files.archive.bucket import DamagedError
from baler.files.archive.catalogue import ArchiveState, Catalogue
from baler.files.archive.parallel import concurrently
from baler.files.archive.report import entry_unreadable
from baler.files.reconciliation.announcer import QueueFullError
from baler.files.reconciliation.judgement import NEEDS_ANNOUNCEMENT, Judge, Judgement
from baler.files.story.evidence import DeliveryEvidence, FileEvidence, InMailbox
from baler.files.story.state import FileState, Standing
from baler.files.story.verdict import GRACE_SECONDS, delivery_state, state_of

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

# A bundle may have begun before its files landed, to S3: of a large file it notes when the upload began, and clocks
# differ.
_BEFORE: Final = timedelta(hours=1)
_REPORT_SECONDS: Final = 5.0


@dataclass(slots=True)
class _Step:
    """A step that reports every few seconds how far it is."""

    name: str
    noun: str
    report: Callable[[Event], None]
    began: float = field(default_factory=time.monotonic)
    reported: float = field(default_factory=time.monotonic)

    def at(self, done: int, *, last: bool = False) -> None:
        """Report, if it is time to, or the last time."""
        now = time.monotonic()
        if last or now - self.reported > _REPORT_SECONDS:
            self.reported = now
            self.report(progress(self.name, done, self.noun, now - self.began))


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
        tally.landed = self._list_landed()
        tally.bundles, tally.unreadable = self._read_archive()
        self.space.mark("waits", self.inspector.mailbox.all_waiting())
        self.space.mark("set_aside", self.inspector.mailbox.all_set_aside())
        self.space.sort()
        self._follow_bundles()
        tally.states.update(self.space.settled())
        self._judge_the_rest(tally)
        self._name_what_is_there_twice(tally)
        return tally

    def _list_landed(self) -> int:
        step = _Step("landing bucket", "versions", self.report)
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

    def _read_archive(self) -> tuple[int, int]:
        """Note what every bundle holds that was made since; return how many there are, and how many are unreadable."""
        step = _Step("archive", "bundles", self.report)
        done = unreadable = 0
        for entry in Catalogue(self.inspector.archive, self.report).entries(Period(self.start - _BEFORE, None)):
            if entry.state is ArchiveState.MISSING:
                self.report(entry_unreadable(entry.bundle_id, "it is in the register, and not in the archive any more"))
                continue
            done += 1
            if entry.fault:
                unreadable += 1
                self.report(entry_unreadable(entry.bundle_id, entry.fault))
            else:
                self.space.add_bundle(entry.bundle_id, ((file.key, file.version_id) for file in entry.files))
            self.shutdown.interruption_point()
            step.at(done)
        step.at(done, last=True)
        return done, unreadable

    def _follow_bundles(self) -> None:
        """Note what became of each bundle that holds files of the period."""
        for batch in self.space.bundles_of_landed():
            states: dict[int, FileState] = {}
            for number, bundle_id, delivery in self._deliveries(batch):
                state = self._looked_at_again(bundle_id, delivery_state(delivery))
                if state is None:
                    continue
                states[number] = state
                if state.standing is Standing.WRONG:
                    self.report(bundle_found(bundle_id, state, self.space.files_in(number)))
            self.space.set_states(states)
            self.shutdown.interruption_point()

    def _deliveries(self, batch: Sequence[tuple[int, str, bool, bool]]) -> Iterator[tuple[int, str, DeliveryEvidence]]:
        """Yield what is known of bundles behind the archive, with a few calls for all of them."""
        inspector = self.inspector
        records = inspector.claims.bundles([bundle_id for _, bundle_id, waits, _ in batch if not waits])
        bundle_ids = [bundle_id for _, bundle_id, _, _ in batch]
        noted = None if inspector.receipts is None else inspector.receipts.first_deliveries(bundle_ids)
        for number, bundle_id, waits, set_aside in batch:
            record = records.get(bundle_id)
            delivery = DeliveryEvidence(
                committed=None if record is None else record.state,
                mailbox=InMailbox() if waits else None,
                quarantine=InMailbox() if set_aside else None,
                record=None if noted is None else noted.get(bundle_id),
                ledger=None if inspector.ledger is None else inspector.ledger.note(bundle_id),
                asked_receivers=inspector.asks_receivers,
            )
            yield number, bundle_id, delivery

    def _looked_at_again(self, bundle_id: str, state: FileState | None) -> FileState | None:
        """Return the state of a bundle; what seems wrong may have been between two places when each was listed."""
        if state is None or state.standing is not Standing.WRONG:
            return state
        return delivery_state(self.inspector.delivery(bundle_id))

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

    def _name_what_is_there_twice(self, tally: Tally) -> None:
        for identity, bundle_ids in self.space.twice():
            tally.twice += 1
            self.report(held_twice(*self._name_of(identity, bundle_ids), bundle_ids))

    def _name_of(self, identity: bytes, bundle_ids: Sequence[str]) -> tuple[str | None, str | None]:
        """Return key and version of a file, which the workspace does not keep of what landed before the period."""
        try:
            manifest = self.inspector.archive.manifest(bundle_ids[0])
        except (DamagedError, S3GoneError):
            return None, None
        files = ((file.key, file.version_id) for file in manifest.files)
        return next((file for file in files if identify(*file) == identity), (None, None))
