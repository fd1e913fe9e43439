"""The service: pass after pass over the mailbox, patient with whatever fails."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

from baler.cli.exit_codes import ExitCode
from baler.cli.failures import FailureReporter
from baler.cli.report import failure
from baler.cli.shutdown import Stopping
from baler.commands.consume.attendant import TICK_SECONDS
from baler.commands.consume.collector import Collector
from baler.commands.consume.crew import ThreadCrew
from baler.commands.consume.lease import LeaseError, LeaseLostError, LeaseRefusedError, SoleConsumer
from baler.commands.consume.mailbox import MailboxError, MailboxRefusedError
from baler.commands.consume.report import standing_by, stopped
from baler.files.horizon import DEFAULT_RETENTION_DAYS
from baler.files.ledger.ledger_file import LedgerDamagedError, LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from baler.cli.report import Event
    from baler.cli.shutdown import Shutdown
    from baler.commands.consume.attendant import Attendant
    from baler.commands.consume.crew import Crew
    from baler.commands.consume.lease import Lease
    from baler.commands.consume.mailbox import ConsumerMailbox
    from baler.commands.consume.publication import Publication
    from baler.commands.consume.receiver import Receiver
    from baler.commands.consume.state import StateFolder
    from baler.files.ledger.ledger import Ledger

LONGEST_BACKOFF_SECONDS: Final = 60.0


class Consumer:
    """Takes bundles from a mailbox, pass after pass.

    Args:
        mailbox: where bundles wait.
        ledger: what is known.
        state: the consumer's own folder.
        receiver: takes a bundle in.
        publisher: puts its files in place.
        shutdown: how it is stopped.
        report: gets every event.
        lease: which of several consumers works; without one, this is the only one.
        retention_days: of the landing bucket, from which follows how long the ledger must remember a bundle.
        attendant: what goes on beside; without one, nothing does.
        crew: fetches ahead and deletes behind; without one, threads do.
    """

    def __init__(  # noqa: PLR0913 - its parts, each by name
        self,
        *,
        mailbox: ConsumerMailbox,
        ledger: Ledger,
        state: StateFolder,
        receiver: Receiver,
        publisher: Publication,
        shutdown: Shutdown,
        report: Callable[[Event], None],
        lease: Lease | None = None,
        retention_days: int = DEFAULT_RETENTION_DAYS,
        attendant: Attendant | None = None,
        crew: Crew | None = None,
    ) -> None:
        self._shutdown = shutdown
        self._attendant = attendant
        self._report = report
        self._lease = lease or SoleConsumer()
        self._failures = FailureReporter(report)
        self._standing_by = False
        self._crew = crew or ThreadCrew()
        self._collector = Collector(
            mailbox=mailbox,
            ledger=ledger,
            state=state,
            receiver=receiver,
            publisher=publisher,
            lease=self._lease,
            crew=self._crew,
            interruption_point=self._interruption_point,
            report=report,
            failures=self._failures,
            retention_days=retention_days,
        )

    def run(self, *, once: bool, poll_seconds: float) -> ExitCode:
        """Consume until a signal, or for one pass, which a signal ends too early.

        Raises:
            MailboxRefusedError: already the first listing of the mailbox was refused.
            LeaseRefusedError: so was the first read of the lease.
            LedgerDamagedError: the ledger's file broke; no pass can set that right.
        """
        code = ExitCode.OK
        try:
            if self._attendant is not None:
                self._attendant.begin(self._collector.totals)
            if once:
                code = self._once()
            else:
                self._forever(poll_seconds)
        except Stopping:
            code = ExitCode.STOPPED if once else ExitCode.OK
        finally:
            self._crew.close()
            if self._attendant is not None:
                self._attendant.end()
        self._let_go()
        self._report(stopped(self._collector.totals))
        return code

    def _once(self) -> ExitCode:
        totals = self._collector.totals
        message = self._try_pass()
        if message is not None:
            self._report(failure(message))
            totals.failed += 1
        due = 0 if self._attendant is None else self._attendant.finish(self._shutdown.wait)
        if totals.failed or due:
            return ExitCode.RETRY
        return ExitCode.NEEDS_ATTENTION if totals.quarantined else ExitCode.OK

    def _forever(self, poll_seconds: float) -> None:
        failures = 0
        while True:
            message = self._try_pass()
            if message is None:
                failures = 0
                self._failures.clear(None)
                self._wait(poll_seconds)
            else:
                failures += 1
                seconds = backoff_seconds(failures)
                self._failures.report(message, retry_seconds=seconds)
                self._wait(seconds)

    def _try_pass(self) -> str | None:
        """Make one pass, if this consumer is the one that works; return what stopped it early, if anything did."""
        message = None
        try:
            ours = self._is_ours()
            if ours:
                self._collector.collect()
            if self._attendant is not None:
                self._attendant.passed(ours=ours)
        except (MailboxRefusedError, LeaseRefusedError) as error:
            if not self._collector.welcome:
                raise
            message = str(error)
        except LedgerDamagedError:
            raise
        except (MailboxError, LedgerError, LeaseError, LeaseLostError) as error:
            message = str(error)
        except OSError as error:
            message = f"The disk of --into and --state cannot be used ({error}): nothing is lost, set it right."
        if message is not None and self._attendant is not None:
            self._attendant.failed(message)
        return message

    def _is_ours(self) -> bool:
        ours = self._lease.hold()
        if self._standing_by == ours:
            self._standing_by = not ours
            self._report(standing_by(self._lease.holder, over=ours))
        return ours

    def _wait(self, seconds: float) -> None:
        """Wait for the next pass, renewing the lease meanwhile; a consumer without it asks for it more often."""
        steps = [self._lease.renewal_seconds, None if self._attendant is None else TICK_SECONDS]
        step = min((step for step in steps if step is not None), default=None)
        if step is None:
            self._shutdown.wait(seconds)
            return
        while seconds > 0:
            self._shutdown.wait(min(step, seconds))
            seconds -= step
            if self._attendant is not None:
                self._attendant.tick()
            try:
                self._lease.renew_if_due()
            except LeaseLostError:
                return

    def _interruption_point(self) -> None:
        self._shutdown.interruption_point()
        if self._attendant is not None:
            self._attendant.tick()
        self._lease.renew_if_due()

    def _let_go(self) -> None:
        try:
            self._lease.release()
        except LeaseError as error:
            self._report(failure(f"{error} Another consumer takes over when the lease has run out."))


def backoff_seconds(failures: int) -> float:
    """Return how long to wait after so many failures in a row: doubling, at random, a minute at the most."""
    return min(LONGEST_BACKOFF_SECONDS, 2.0 ** min(failures, 10)) * random.uniform(0.5, 1)  # noqa: S311 - spreads load, guards nothing
