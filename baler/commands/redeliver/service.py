"""Puts refused bundles back, a few at once, and says what became of each."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from baler.cli.exit_codes import ExitCode
from baler.cli.failures import FailureReporter
from baler.cli.s3 import S3UnavailableError
from baler.cli.shutdown import Stopping
from baler.commands.redeliver.quarantine import MailboxState
from baler.commands.redeliver.report import (
    in_the_way,
    missing,
    redelivered,
    started,
    stopped,
    too_new,
    would_redeliver,
)
from baler.files.archive.parallel import concurrently

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from baler.cli.report import Event
    from baler.cli.shutdown import Shutdown
    from baler.commands.redeliver.quarantine import Quarantine, QuarantinedBundle


class Outcome(Enum):
    """What became of one bundle."""

    BACK = auto()
    WAITING = auto()  # for the courier, which is at it
    MISSING = auto()
    FAILED = auto()  # S3 did not answer


@dataclass(slots=True)
class Tally:
    """How many bundles had which outcome; `left` are those that nothing became of yet."""

    left: int
    back: int = 0
    waiting: int = 0
    missing: int = 0

    def count(self, outcome: Outcome) -> None:
        """Count a bundle; one that failed stays left."""
        self.back += outcome is Outcome.BACK
        self.waiting += outcome is Outcome.WAITING
        self.missing += outcome is Outcome.MISSING
        self.left -= outcome is not Outcome.FAILED

    def exit_code(self, *, named: bool) -> ExitCode:
        """Return how the run ends; `named`: its bundles were, so that each must be there."""
        if self.left:
            return ExitCode.RETRY
        if self.missing and named:
            return ExitCode.NEEDS_ATTENTION
        return ExitCode.UNFINISHED if self.waiting else ExitCode.OK


@dataclass(frozen=True, slots=True, kw_only=True)
class Redelivery:
    """One run.

    Attributes:
        quarantine: where the bundles are, and go from.
        mailbox: its name.
        dry_run: change nothing.
        shutdown: how it is stopped.
        report: gets every event.
    """

    quarantine: Quarantine
    mailbox: str
    dry_run: bool
    shutdown: Shutdown
    report: Callable[[Event], None]

    def run(self, bundle_ids: Sequence[str]) -> ExitCode:
        """Put bundles back; none stands for all that are there.

        Raises:
            S3Error: the quarantine cannot be listed, or S3 refuses us.
        """
        self.quarantine.check()
        # All at all times is what was there at the beginning: what is refused again meanwhile is for the next run.
        wanted = sorted(set(bundle_ids)) or list(self.quarantine.bundle_ids())
        step = self._would if self.dry_run else self._redeliver
        self.report(started(len(wanted), self.mailbox))
        tally = Tally(left=len(wanted))
        failures = FailureReporter(self.report)
        try:
            with closing(
                concurrently(lambda bundle_id: self._one(bundle_id, step, named=bool(bundle_ids)), wanted)
            ) as found:
                for bundle_id, (outcome, event) in zip(wanted, found, strict=True):
                    tally.count(outcome)
                    if isinstance(event, str):
                        failures.report(event, bundle_id)
                    else:
                        self.report(event)
                    self.shutdown.interruption_point()
        except Stopping:
            if tally.left:
                return ExitCode.STOPPED
        finally:
            self.report(stopped(tally))
        return tally.exit_code(named=bool(bundle_ids))

    def _one(
        self, bundle_id: str, step: Callable[[QuarantinedBundle], tuple[Outcome, Event]], *, named: bool
    ) -> tuple[Outcome, Event | str]:
        """Bring one bundle as far as it can be brought now; runs beside others of its kind."""
        try:
            bundle = self.quarantine.find(bundle_id)
            return step(bundle) if bundle else (Outcome.MISSING, missing(bundle_id, named=named))
        except S3UnavailableError as error:
            return Outcome.FAILED, str(error)

    def _would(self, bundle: QuarantinedBundle) -> tuple[Outcome, Event]:
        blocked = self.quarantine.state(bundle) is MailboxState.IN_THE_WAY
        later = blocked or not bundle.settled
        return Outcome.WAITING if later else Outcome.BACK, would_redeliver(bundle, in_the_way=blocked)

    def _redeliver(self, bundle: QuarantinedBundle) -> tuple[Outcome, Event]:
        if not bundle.settled:
            return Outcome.WAITING, too_new(bundle)
        before = self.quarantine.state(bundle)
        after = self.quarantine.put_back(bundle) if before is MailboxState.FREE else before
        if after is MailboxState.IN_THE_WAY:
            return Outcome.WAITING, in_the_way(bundle)
        self.quarantine.remove(bundle)
        already = before is MailboxState.SAME or after is MailboxState.FREE
        return Outcome.BACK, redelivered(bundle, already_there=already)
