"""The service: pass after pass over the mailbox, patient with whatever fails."""

from __future__ import annotations

import errno
import random
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from operations.consume.bad_bundle import BadBundleError, BeyondReachError, Hurdle
from operations.consume.ledger import BundleState
from operations.consume.ledger_file import LedgerDamagedError, LedgerError
from operations.consume.mailbox import MailboxError, MailboxRefusedError, MailboxUnavailableError, ObjectGoneError
from operations.consume.report import BundleDelivered, PutAside, Stopped, Trouble
from operations.consume.shutdown import Stopping
from runtime.bundle.ids import bundle_id_of
from runtime.bundle.manifest import FORMAT_VERSION, ManifestError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from operations.consume.delivery import Delivery
    from operations.consume.intake import Intake
    from operations.consume.ledger import BundleRecord, Ledger
    from operations.consume.mailbox import Letter, Mailbox
    from operations.consume.report import Event
    from operations.consume.shutdown import Shutdown
    from operations.consume.state import StateFolder

LONGEST_BACKOFF_SECONDS: Final = 60.0
# What concerns the disk and so every bundle; another error of the operating system concerns one bundle.
_WHOLE_DISK: Final = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}


class ExitCode(IntEnum):
    """How `baler consume` ends; 2 is a wrong command line."""

    OK = 0
    CANNOT_START = 1
    ASIDE = 3
    FAILED = 4


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


class Service:
    """Consumes a mailbox.

    Args:
        mailbox: where bundles wait.
        ledger: what is known.
        state: the consumer's own folder.
        intake: takes a bundle in.
        delivery: puts its files in place.
        shutdown: how it is stopped.
        report: told every event.
    """

    def __init__(  # noqa: PLR0913 - its parts, each by name
        self,
        *,
        mailbox: Mailbox,
        ledger: Ledger,
        state: StateFolder,
        intake: Intake,
        delivery: Delivery,
        shutdown: Shutdown,
        report: Callable[[Event], None],
    ) -> None:
        self._mailbox = mailbox
        self._ledger = ledger
        self._state = state
        self._intake = intake
        self._delivery = delivery
        self._shutdown = shutdown
        self._report = report
        self._totals = Totals()
        self._welcome = False
        self._troubles: dict[str | None, str] = {}

    def run(self, *, once: bool, poll_seconds: float) -> ExitCode:
        """Consume until a signal, or for one pass.

        Raises:
            MailboxRefusedError: already the first look into the mailbox was refused.
            LedgerDamagedError: the ledger's file broke; no pass can set that right.
        """
        code = ExitCode.OK
        try:
            if once:
                code = self._once()
            else:
                self._forever(poll_seconds)
        except Stopping:
            code = ExitCode.OK
        self._report(Stopped(**asdict(self._totals)))
        return code

    def _once(self) -> ExitCode:
        trouble = self._try_pass()
        if trouble is not None:
            self._report(Trouble(trouble))
            self._totals.failed += 1
        if self._totals.failed:
            return ExitCode.FAILED
        return ExitCode.ASIDE if self._totals.aside else ExitCode.OK

    def _forever(self, poll_seconds: float) -> None:
        failures = 0
        while True:
            trouble = self._try_pass()
            if trouble is None:
                failures = 0
                self._troubles.pop(None, None)
                self._shutdown.wait(poll_seconds)
            else:
                failures += 1
                seconds = backoff_seconds(failures)
                self._tell(Trouble(trouble, retry_seconds=seconds))
                self._shutdown.wait(seconds)

    def _try_pass(self) -> str | None:
        """Make one pass; return what stopped it early, if anything did."""
        try:
            self._pass()
        except MailboxRefusedError as error:
            if not self._welcome:
                raise
            return str(error)
        except LedgerDamagedError:
            raise
        except (MailboxError, LedgerError) as error:
            return str(error)
        except OSError as error:
            return f"The disk of --into and --state cannot be used ({error}): nothing is lost, set it right."
        return None

    def _pass(self) -> None:
        """Finish what an earlier pass or process began, then take the mailbox from its oldest bundle on.

        A delivered bundle is deleted when it is seen in the mailbox, never on the ledger's word alone: an earlier
        delete may have taken effect unheard, and what lies under the key since would be a replay.
        """
        self._totals.aside = self._totals.failed = 0
        self._sweep()
        for record in self._ledger.in_state(BundleState.UNPACKED):
            with self._bundle(record.key):
                self._delivery.deliver(record)
                self._count(record, redelivered=False)
        undeleted = {record.key: record for record in self._ledger.in_state(BundleState.DELIVERED)}
        for letter in self._mailbox.list():
            self._welcome = True
            self._shutdown.checkpoint()
            undeleted.pop(letter.key, None)
            with self._bundle(letter.key):
                self._consume(letter)
        self._welcome = True
        for record in undeleted.values():
            self._ledger.advance(record.bundle_id, BundleState.REMOVED)

    def _consume(self, letter: Letter) -> None:
        if self._intake.is_aside(letter):
            self._totals.aside += 1
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
        if state is BundleState.UNPACKED:
            # Tried at the beginning of this pass, and reported; the next one tries again.
            return
        record = self._intake.take(letter, bundle_id, known=state is not None)
        if record is not None:
            self._delivery.deliver(record)
            self._count(record, redelivered=False)
        else:
            record = self._ledger.record(bundle_id)
            if state is BundleState.REMOVED:
                self._ledger.advance(bundle_id, BundleState.DELIVERED)
                self._count(record, redelivered=True)
        self._remove(record)

    def _remove(self, record: BundleRecord) -> None:
        self._mailbox.delete(record.key)
        self._ledger.advance(record.bundle_id, BundleState.REMOVED)

    def _put_aside(self, letter: Letter, bundle_id: str | None, error: BadBundleError) -> None:
        reason, report = self._intake.put_aside(letter, bundle_id, error)
        self._sweep()
        self._totals.aside += 1
        self._report(PutAside(bundle_id, letter.key, reason, str(report)))

    def _count(self, record: BundleRecord, *, redelivered: bool) -> None:
        if redelivered:
            self._totals.redelivered += 1
        else:
            self._totals.bundles += 1
            self._totals.files += record.files
            self._totals.bytes += record.bytes
            self._totals.compressed_bytes += record.compressed_bytes
        self._report(BundleDelivered(**asdict(record), redelivered=redelivered))

    @contextmanager
    def _bundle(self, key: str) -> Generator[None]:
        """Keep the failure of one bundle from the others; what concerns all of them goes through."""
        try:
            yield
        except ObjectGoneError:
            return
        except MailboxUnavailableError:
            raise
        except (MailboxError, ManifestError) as error:
            failure = str(error)
        except OSError as error:
            self._sweep()
            if error.errno in _WHOLE_DISK:
                raise
            failure = str(error)
        else:
            self._troubles.pop(key, None)
            return
        self._totals.failed += 1
        self._tell(Trouble(failure, key))

    def _tell(self, trouble: Trouble) -> None:
        """Report a trouble unless it is the same as before."""
        if self._troubles.get(trouble.key) != trouble.message:
            self._troubles[trouble.key] = trouble.message
            self._report(trouble)

    def _sweep(self) -> None:
        self._state.sweep({record.bundle_id for record in self._ledger.in_state(BundleState.UNPACKED)})


def backoff_seconds(failures: int) -> float:
    """Return how long to wait after so many failures in a row: doubling, at random, a minute at the most."""
    return min(LONGEST_BACKOFF_SECONDS, 2.0 ** min(failures, 10)) * random.uniform(0.5, 1)  # noqa: S311 - spreads load, guards nothing
