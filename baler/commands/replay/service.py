"""The replay: archived bundles in, checked to the last byte, and each into the mailbox where its key is free."""

from __future__ import annotations

from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Final

from baler.commands.replay.outbox import MailboxState
from baler.commands.replay.report import replayed, started, stopped
from baler.files.archive.bucket import AsleepError, Availability
from baler.files.archive.outcome import Done, InTheWay, Outcome, Restoring
from baler.files.archive.parallel import concurrently
from baler.files.archive.passes import Passes

if TYPE_CHECKING:
    from collections.abc import Callable

    from baler.cli.exit_codes import ExitCode
    from baler.cli.report import Event
    from baler.cli.shutdown import Shutdown
    from baler.commands.replay.checkpoint import Checkpoint
    from baler.commands.replay.outbox import Outbox
    from baler.files.archive.bucket import ArchiveBucket, ArchivedBundle

_SPOOL_BYTES: Final = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Replay:
    """One replay.

    Attributes:
        checkpoint: what was asked for, and how far it is.
        archive: where the bundles are.
        outbox: where they go.
        shutdown: how it is stopped.
        report: gets every event.
    """

    checkpoint: Checkpoint
    archive: ArchiveBucket
    outbox: Outbox
    shutdown: Shutdown
    report: Callable[[Event], None]

    def run(self, *, wait: bool, poll_seconds: float) -> ExitCode:
        """Replay what can be, once, or until nothing is left to wait for.

        Raises:
            S3RefusedError: S3 refuses us; the checkpoint stays.
        """
        self.report(started(self.checkpoint))
        passes = Passes(
            self.checkpoint.left,
            bundle_id_of=lambda bundle_id: bundle_id,
            attempt=self._replay,
            each=concurrently,
            note=self.checkpoint.note,
            restore=self.checkpoint.request.restore,
            shutdown=self.shutdown,
            report=self.report,
        )
        try:
            return passes.run(wait=wait, poll_seconds=poll_seconds)
        finally:
            if not passes.left:
                self.checkpoint.remove()
            self.report(stopped(self.checkpoint, passes))

    def _replay(self, bundle_id: str) -> Outcome:
        """Bring one bundle as far as it can be brought now; runs beside others of its kind."""
        bundle = self.archive.inspect(bundle_id)
        state = self.outbox.state(bundle_id)
        if state is MailboxState.OURS:
            return _replayed(bundle, already_there=True)
        if bundle.availability is not Availability.READABLE:
            if bundle.availability is Availability.ASLEEP:
                self.archive.restore(bundle, self.checkpoint.request.restore)
            return Restoring(bundle, requested=bundle.availability is Availability.ASLEEP)
        if state is MailboxState.IN_THE_WAY:
            return InTheWay()
        with SpooledTemporaryFile(max_size=_SPOOL_BYTES) as body:
            try:
                self.archive.download(bundle, body, self.shutdown.interruption_point)
            except AsleepError:
                return Restoring(bundle, requested=False)
            state = self.outbox.put(bundle, body)
        return _replayed(bundle, already_there=False) if state is MailboxState.OURS else InTheWay()


def _replayed(bundle: ArchivedBundle, *, already_there: bool) -> Done:
    return Done(replayed(bundle, already_there=already_there), already_there=already_there)
