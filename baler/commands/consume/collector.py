"""One pass over the mailbox, from its oldest bundle on; what fails with one bundle is kept from the others."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Final

from baler.cli.report import Trouble
from baler.commands.consume.delivery import StagingLostError
from baler.commands.consume.ledger import BundleState
from baler.commands.consume.mailbox import MailboxError, MailboxUnavailableError, ObjectGoneError
from baler.commands.consume.report import BundleDelivered, Contended, PutAside, TakenOver
from baler.commands.consume.state import sync_ancestors
from baler.files.bundle.ids import bundle_id_of
from baler.files.bundle.manifest import FORMAT_VERSION, ManifestError
from baler.files.horizon import horizon
from baler.files.unpacking.bad_bundle import BadBundleError, BeyondReachError, Hurdle

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from datetime import datetime

    from baler.cli.report import Event
    from baler.commands.consume.delivery import Delivery
    from baler.commands.consume.intake import Intake
    from baler.commands.consume.lease import Lease
    from baler.commands.consume.ledger import BundleRecord, Ledger
    from baler.commands.consume.mailbox import Letter, Mailbox
    from baler.commands.consume.state import StateFolder
    from baler.commands.consume.troubles import Troubles

# What concerns the disk and so every bundle; another error of the operating system concerns one bundle.
_WHOLE_DISK: Final = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}
# How many old bundles a pass forgets: more than come between two passes, and the work of some milliseconds.
_PRUNED_AT_ONCE: Final = 1000


@dataclass(slots=True)
class Totals:
    """What a run did; `aside` and `failed` are of the latest pass."""

    bundles: int = 0
    files: int = 0
    bytes: int = 0
    compressed_bytes: int = 0
    redelivered: int = 0
    aside: int = 0
    failed: int = 0


@dataclass(slots=True)
class _Pass:
    """What a pass has seen.

    Attributes:
        lost: of the bundles whose staged files were lost, by id, how.
        failing: the keys of objects that failed.
        asides: the keys of objects that are put aside.
        newest: when the newest object was put.
    """

    lost: dict[str, str] = field(default_factory=dict[str, str])
    failing: set[str] = field(default_factory=set[str])
    asides: set[str] = field(default_factory=set[str])
    newest: datetime | None = None


class Collector:
    """Takes what is in the mailbox.

    Args:
        mailbox: where bundles wait.
        ledger: what is known.
        state: the consumer's own folder.
        intake: takes a bundle in.
        delivery: puts its files in place.
        lease: which of several consumers works.
        checkpoint: called often; may raise to abandon the work.
        report: told every event.
        troubles: told what failed.
        retention_days: of the landing bucket.

    Attributes:
        totals: what was done so far.
        welcome: the mailbox was listed at least once.
    """

    def __init__(  # noqa: PLR0913 - its parts, each by name
        self,
        *,
        mailbox: Mailbox,
        ledger: Ledger,
        state: StateFolder,
        intake: Intake,
        delivery: Delivery,
        lease: Lease,
        checkpoint: Callable[[], None],
        report: Callable[[Event], None],
        troubles: Troubles,
        retention_days: int,
    ) -> None:
        self._mailbox = mailbox
        self._ledger = ledger
        self._state = state
        self._intake = intake
        self._delivery = delivery
        self._lease = lease
        self._checkpoint = checkpoint
        self._report = report
        self._troubles = troubles
        self._retention_days = retention_days
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
        self.totals.aside = self.totals.failed = 0
        self._pass = _Pass()
        self._sweep()
        if not self._folders_are_durable:
            sync_ancestors(self._delivery.into, self._state.incoming)
            self._folders_are_durable = True
        for record in self._ledger.in_state(BundleState.UNPACKED):
            with self._bundle(record.key):
                try:
                    self._deliver(record)
                except StagingLostError as error:
                    self._pass.lost[record.bundle_id] = str(error)
        undeleted = {record.key: record for record in self._ledger.in_state(BundleState.DELIVERED)}
        self._take_all(undeleted)
        self.welcome = True
        for record in undeleted.values():
            self._ledger.advance(record.bundle_id, BundleState.REMOVED)
        self._give_up_lost()
        self._forget()

    def _take_all(self, undeleted: dict[str, BundleRecord]) -> None:
        """Take every bundle of the mailbox; drop from `undeleted` what is still in it.

        Raises:
            MailboxUnavailableError: of two objects in a row, or of the last. A single one that cannot be read, while
                others can, must not hold these up.
        """
        pending: tuple[str, MailboxUnavailableError] | None = None
        for letter in self._mailbox.list():
            self.welcome = True
            self._checkpoint()
            self._pass.newest = max(letter.last_modified, self._pass.newest or letter.last_modified)
            undeleted.pop(letter.key, None)
            try:
                with self._bundle(letter.key):
                    self._consume(letter)
            except MailboxUnavailableError as error:
                if pending is not None:
                    raise
                pending = (letter.key, error)
                continue
            if pending is not None:
                self._fail(pending[0], str(pending[1]))
                pending = None
        if pending is not None:
            raise pending[1]

    def _consume(self, letter: Letter) -> None:
        if self._intake.is_aside(letter):
            self.totals.aside += 1
            self._pass.asides.add(letter.key)
            return
        try:
            bundle_id = bundle_id_of(letter.key)
        except ValueError as error:
            newer = FORMAT_VERSION + 1  # which may name bundles in another way
            self._put_aside(letter, None, BeyondReachError(str(error), Hurdle.FORMAT, newer))
            return
        try:
            self._take(letter, bundle_id)
        except BadBundleError as error:
            self._put_aside(letter, bundle_id, error)

    def _take(self, letter: Letter, bundle_id: str) -> None:
        state = self._ledger.state(bundle_id)
        lost = self._pass.lost.pop(bundle_id, None)
        if state is BundleState.UNPACKED and lost is None:
            # Tried at the beginning of this pass, and reported; the next one tries again.
            return
        record = self._intake.take(letter, bundle_id, known=state is not None)
        if record is None and lost is not None:
            record = self._ledger.record(bundle_id)
            self._intake.take_again(letter, record, self._delivery.published_before(record))
        if record is not None:
            self._deliver(record)
        else:
            record = self._ledger.record(bundle_id)
            if state is BundleState.REMOVED:
                self._ledger.advance(bundle_id, BundleState.DELIVERED)
                self._count(record, redelivered=True)
        self._remove(record)

    def _deliver(self, record: BundleRecord) -> None:
        earlier = self._lease.begin(record)
        if earlier is not None and earlier.delivered:
            self._ledger.advance(record.bundle_id, BundleState.DELIVERED)
            self._state.drop_staging(record.bundle_id)
            self._count(record, redelivered=True)
            return
        if earlier is not None:
            self._report(TakenOver(record.bundle_id, record.key, earlier.host))
        self._delivery.deliver(record)
        self._count(record, redelivered=False)

    def _remove(self, record: BundleRecord) -> None:
        self._lease.check()
        self._lease.end(record)
        if self._mailbox.delete(record.key) is False:
            self._report(Contended(record.key, delivered=True))
        self._ledger.advance(record.bundle_id, BundleState.REMOVED)

    def _give_up_lost(self) -> None:
        """Report the bundles whose staged files were lost and whose objects are not in the mailbox either."""
        for bundle_id, how in self._pass.lost.items():
            key = self._ledger.record(bundle_id).key
            if key not in self._pass.asides:
                self._fail(
                    key,
                    f"{how}, and the mailbox does not hold the bundle any more: bring it again with "
                    f"`baler replay {bundle_id}`.",
                )

    def _forget(self) -> None:
        """Forget what a whole pass has shown to be past, so that neither ledger nor memory grows for ever."""
        self._ledger.keep_asides(self._pass.asides)
        self._troubles.keep(self._pass.failing)
        if self._pass.newest is not None:
            self._ledger.prune(horizon(self._pass.newest, self._retention_days), _PRUNED_AT_ONCE)

    def _put_aside(self, letter: Letter, bundle_id: str | None, error: BadBundleError) -> None:
        reason, report = self._intake.put_aside(letter, bundle_id, error)
        self._sweep()
        self.totals.aside += 1
        self._pass.asides.add(letter.key)
        self._report(PutAside(bundle_id, letter.key, reason, str(report)))

    def _count(self, record: BundleRecord, *, redelivered: bool) -> None:
        if redelivered:
            self.totals.redelivered += 1
        else:
            self.totals.bundles += 1
            self.totals.files += record.files
            self.totals.bytes += record.bytes
            self.totals.compressed_bytes += record.compressed_bytes
        fields = asdict(record)
        del fields["manifest_sha256"]
        self._report(BundleDelivered(**fields, redelivered=redelivered))

    @contextmanager
    def _bundle(self, key: str) -> Generator[None]:
        """Keep the failure of one bundle from the others; what concerns all of them goes through."""
        try:
            yield
        except ObjectGoneError:
            self._report(Contended(key, delivered=False))
            return
        except MailboxUnavailableError:
            raise
        except (MailboxError, ManifestError, StagingLostError) as error:
            failure = str(error)
        except OSError as error:
            self._sweep()
            if error.errno in _WHOLE_DISK:
                raise
            failure = str(error)
        else:
            self._troubles.clear(key)
            return
        self._fail(key, failure)

    def _fail(self, key: str, failure: str) -> None:
        self.totals.failed += 1
        self._pass.failing.add(key)
        self._troubles.report(Trouble(failure, key))

    def _sweep(self) -> None:
        self._state.sweep({record.bundle_id for record in self._ledger.in_state(BundleState.UNPACKED)})
