"""One pass over the mailbox, from its oldest bundle on; what fails with one bundle is kept from the others."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from baler.commands.consume.lease import LeaseLostError
from baler.commands.consume.mailbox import MailboxError, MailboxUnavailableError, ObjectGoneError
from baler.commands.consume.outage import Outage
from baler.commands.consume.pipeline import Pipeline
from baler.commands.consume.report import bundle_delivered, contended, quarantined, taken_over
from baler.commands.consume.staged import StagingLostError
from baler.commands.consume.state import sync_ancestors
from baler.files.bundle.ids import bundle_id_of
from baler.files.bundle.manifest import FORMAT_VERSION, ManifestError
from baler.files.horizon import horizon
from baler.files.ledger.ledger import DeliveryState
from baler.files.ledger.ledger_file import LedgerError
from baler.files.unpacking.bad_bundle import BadBundleError, BeyondReachError, Hurdle
from baler.files.unpacking.disk import ERRORS_OF_A_DISK

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from datetime import datetime

    from baler.cli.failures import FailureReporter
    from baler.cli.report import Event
    from baler.commands.consume.crew import Crew
    from baler.commands.consume.lease import Lease
    from baler.commands.consume.mailbox import ConsumerMailbox
    from baler.commands.consume.pipeline import Removal, Turn
    from baler.commands.consume.publication import Publication
    from baler.commands.consume.receiver import Receiver
    from baler.commands.consume.state import StateFolder
    from baler.files.ledger.ledger import Ledger, LedgerEntry
    from baler.files.ledger.mailbox_object import MailboxObject

# How many old bundles a pass forgets: more than come between two passes, and the work of some milliseconds.
_PRUNED_AT_ONCE: Final = 1000


@dataclass(slots=True)
class Totals:
    """What a run did; `quarantined` and `failed` are of the latest pass."""

    bundles: int = 0
    files: int = 0
    bytes: int = 0
    compressed_bytes: int = 0
    redelivered: int = 0
    quarantined: int = 0
    failed: int = 0


@dataclass(slots=True)
class _Pass:
    """What a pass has seen.

    Attributes:
        lost: of the bundles whose staged files were lost, by id, how.
        failing: the keys of objects that failed.
        quarantined: the keys of objects in quarantine.
        newest: when the newest object was put.
    """

    lost: dict[str, str] = field(default_factory=dict[str, str])
    failing: set[str] = field(default_factory=set[str])
    quarantined: set[str] = field(default_factory=set[str])
    newest: datetime | None = None


class Collector:
    """Takes what is in the mailbox.

    Args:
        mailbox: where bundles wait.
        ledger: what is known.
        state: the consumer's own folder.
        receiver: takes a bundle in.
        publisher: puts its files in place.
        lease: which of several consumers works.
        crew: fetches ahead and deletes behind.
        interruption_point: called often; may raise to abandon the work.
        report: gets every event.
        failures: gets what failed.
        retention_days: of the landing bucket.

    Attributes:
        totals: what was done so far.
        welcome: the mailbox was listed at least once.
    """

    def __init__(  # noqa: PLR0913 - its parts, each by name
        self,
        *,
        mailbox: ConsumerMailbox,
        ledger: Ledger,
        state: StateFolder,
        receiver: Receiver,
        publisher: Publication,
        lease: Lease,
        crew: Crew,
        interruption_point: Callable[[], None],
        report: Callable[[Event], None],
        failures: FailureReporter,
        retention_days: int,
    ) -> None:
        self._mailbox = mailbox
        self._ledger = ledger
        self._state = state
        self._receiver = receiver
        self._publisher = publisher
        self._lease = lease
        self._interruption_point = interruption_point
        self._report = report
        self._failures = failures
        self._retention_days = retention_days
        self._crew = crew
        self._pipeline = Pipeline(crew, self._stage, self._delete)
        self._pass = _Pass()
        self._folders_are_durable = False
        self.totals = Totals()
        self.welcome = False

    def collect(self) -> None:
        """Finish what an earlier pass or process began, then take the mailbox from its oldest bundle on.

        A delivered bundle is deleted when it is seen in the mailbox, never on the ledger's word alone: an earlier
        delete may have taken effect unheard, and what lies under the key since would be a replay.

        Raises:
            MailboxError, LedgerError, LeaseError, LeaseLostError, OSError: what concerns every bundle.
        """
        self.totals.quarantined = self.totals.failed = 0
        self._pass = _Pass()
        self._sweep()
        if not self._folders_are_durable:
            sync_ancestors(self._publisher.into, self._state.incoming)
            self._folders_are_durable = True
        for entry in self._ledger.in_state(DeliveryState.UNPACKED):
            with self._bundle(entry.key):
                try:
                    self._deliver(entry)
                except StagingLostError as error:
                    self._pass.lost[entry.bundle_id] = str(error)
        undeleted = {entry.key: entry for entry in self._ledger.in_state(DeliveryState.DELIVERED)}
        try:
            self._take_all(undeleted)
        except Exception:
            self._pipeline.abandon(self._while_abandoning)
            with suppress(OSError, LedgerError):  # the next pass begins with it too
                self._sweep()
            raise
        self.welcome = True
        for entry in undeleted.values():
            self._ledger.remove(entry.bundle_id)
        self._give_up_lost()
        self._forget()

    def _take_all(self, undeleted: dict[str, LedgerEntry]) -> None:
        """Take every bundle of the mailbox; drop from `undeleted` what is still in it.

        Raises:
            MailboxUnavailableError: of two objects in a row, or of the last: see Outage.
        """
        outage = Outage(self._fail)
        for item in self._mailbox.list():
            self.welcome = True
            self._interruption_point()
            self._pass.newest = max(item.last_modified, self._pass.newest or item.last_modified)
            undeleted.pop(item.key, None)
            self._pipeline.offer(item, self._staged_ahead(item))
            self._go_on(outage)
        self._go_on(outage, to_the_end=True)
        outage.end()

    def _staged_ahead(self, item: MailboxObject) -> str | None:
        """Return the id of a bundle that is new, and needs no look into the ledger before its turn."""
        try:
            bundle_id = bundle_id_of(item.key)
        except ValueError:
            return None
        if self._ledger.state(bundle_id) is not None or self._receiver.is_quarantined(item):
            return None
        return bundle_id

    def _go_on(self, outage: Outage, *, to_the_end: bool = False) -> None:
        while (turn := self._pipeline.next_turn(all_are_offered=to_the_end)) is not None:
            self._attempt(turn.item.key, partial(self._consume, turn), outage)
            self._note_removals(outage)
        self._note_removals(outage, to_the_end=to_the_end)

    def _note_removals(self, outage: Outage, *, to_the_end: bool = False) -> None:
        while (removal := self._pipeline.next_removal(all_are_begun=to_the_end)) is not None:
            self._attempt(removal.entry.key, partial(self._note_removal, removal), outage)

    def _note_removal(self, removal: Removal) -> None:
        entry = removal.entry
        if removal.job.result(self._interruption_point) is False:
            self._report(contended(entry.key, delivered=True))
        self._ledger.remove(entry.bundle_id)
        self._failures.clear(entry.key)

    def _attempt(self, key: str, step: Callable[[], None], outage: Outage) -> None:
        try:
            with self._bundle(key):
                step()
        except MailboxUnavailableError as error:
            outage.met(key, error)
        else:
            outage.passed()

    def _consume(self, turn: Turn) -> None:
        item = turn.item
        if self._receiver.is_quarantined(item):
            self.totals.quarantined += 1
            self._pass.quarantined.add(item.key)
            return
        try:
            bundle_id = bundle_id_of(item.key)
        except ValueError as error:
            newer = FORMAT_VERSION + 1  # which may name bundles in another way
            self._quarantine(item, None, BeyondReachError(str(error), Hurdle.FORMAT, newer))
            return
        try:
            staged = None if turn.staging is None else turn.staging.result(self._interruption_point)
            if staged is not None:
                self._receiver.accept(item, staged)
                self._deliver(staged)
                self._remove(staged)
            else:
                self._take(item, bundle_id)
        except BadBundleError as error:
            self._quarantine(item, bundle_id, error)

    def _take(self, item: MailboxObject, bundle_id: str) -> None:
        state = self._ledger.state(bundle_id)
        lost = self._pass.lost.pop(bundle_id, None)
        if state is DeliveryState.UNPACKED and lost is None:
            # Tried at the beginning of this pass, and reported; the next one tries again.
            return
        entry = self._receiver.take(item, bundle_id, known=state is not None)
        if entry is None and lost is not None:
            entry = self._ledger.entry(bundle_id)
            self._receiver.take_again(item, entry, self._publisher.published_before(entry))
        if entry is not None:
            self._deliver(entry)
        else:
            entry = self._ledger.entry(bundle_id)
            if state is DeliveryState.REMOVED:
                self._ledger.advance(bundle_id, DeliveryState.DELIVERED)
                self._count(entry, redelivered=True)
        self._remove(entry)

    def _deliver(self, entry: LedgerEntry) -> None:
        earlier = self._lease.begin(entry)
        if earlier is not None and earlier.delivered:
            self._ledger.advance(entry.bundle_id, DeliveryState.DELIVERED)
            self._state.drop_staging(entry.bundle_id)
            self._count(entry, redelivered=True)
            return
        if earlier is not None:
            self._report(taken_over(entry.bundle_id, entry.key, earlier.host))
        self._publisher.publish(entry)
        self._count(entry, redelivered=False)

    def _stage(self, item: MailboxObject, bundle_id: str) -> LedgerEntry | None:
        """Called by the crew."""
        return self._receiver.stage_ahead(item, bundle_id, self._crew.check)

    def _remove(self, entry: LedgerEntry) -> None:
        """Have a delivered bundle deleted, behind its turn.

        That it is finished is noted for other hosts in its turn: a take-over brings what is not noted once more, and
        that is to be one bundle, not all that wait for their delete.
        """
        self._lease.check()
        self._lease.end(entry)
        self._pipeline.remove(entry)

    def _delete(self, entry: LedgerEntry) -> bool:
        """Called by the crew: right before it the lease must be ours."""
        self._crew.check()
        self._lease.check()
        return self._mailbox.delete(entry.key)

    def _give_up_lost(self) -> None:
        """Report the bundles whose staged files were lost and whose objects are not in the mailbox either."""
        for bundle_id, how in self._pass.lost.items():
            key = self._ledger.entry(bundle_id).key
            if key not in self._pass.quarantined:
                self._fail(
                    key,
                    f"{how}, and the mailbox does not hold the bundle any more: bring it again with "
                    f"`baler replay {bundle_id}`.",
                )

    def _forget(self) -> None:
        """Forget what a whole pass has shown to be past, so that neither ledger nor memory grows for ever."""
        self._ledger.keep_quarantined(self._pass.quarantined)
        self._failures.keep(self._pass.failing)
        if self._pass.newest is not None:
            self._ledger.prune(horizon(self._pass.newest, self._retention_days), _PRUNED_AT_ONCE)

    def _quarantine(self, item: MailboxObject, bundle_id: str | None, error: BadBundleError) -> None:
        reason, report = self._receiver.quarantine(item, bundle_id, error)
        self._sweep()
        self.totals.quarantined += 1
        self._pass.quarantined.add(item.key)
        self._report(quarantined(bundle_id, item.key, reason, report))

    def _count(self, entry: LedgerEntry, *, redelivered: bool) -> None:
        if redelivered:
            self.totals.redelivered += 1
        else:
            self.totals.bundles += 1
            self.totals.files += entry.files
            self.totals.bytes += entry.bytes
            self.totals.compressed_bytes += entry.compressed_bytes
        self._report(bundle_delivered(entry, self._ledger.folder(entry.bundle_id), redelivered=redelivered))

    @contextmanager
    def _bundle(self, key: str) -> Generator[None]:
        """Keep the failure of one bundle from the others; what concerns all of them goes through."""
        try:
            yield
        except ObjectGoneError:
            self._report(contended(key, delivered=False))
            return
        except MailboxUnavailableError:
            raise
        except (MailboxError, ManifestError, StagingLostError) as error:
            message = str(error)
        except OSError as error:
            self._sweep()
            if error.errno in ERRORS_OF_A_DISK:
                raise  # every bundle would meet it; another error of the operating system concerns this one
            message = str(error)
        else:
            return
        self._fail(key, message)

    def _fail(self, key: str, message: str) -> None:
        self.totals.failed += 1
        self._pass.failing.add(key)
        self._failures.report(message, key)

    def _while_abandoning(self) -> None:
        # The lease may be the very reason. What is under way by then publishes nothing, and asks before it deletes.
        with suppress(LeaseLostError):
            self._interruption_point()

    def _sweep(self) -> None:
        ahead = self._pipeline.bundle_ids
        kept = {entry.bundle_id for entry in self._ledger.in_state(DeliveryState.UNPACKED)}
        self._state.sweep(kept | ahead | {self._state.download(bundle_id).name for bundle_id in ahead})
