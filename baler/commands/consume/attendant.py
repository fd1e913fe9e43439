"""What goes on beside the consumer's own work, whether it works or waits: the hook, its status, systemd's watchdog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from baler.commands.consume.status import ConsumerState

if TYPE_CHECKING:
    from collections.abc import Callable

    from baler.commands.consume.collector import Totals
    from baler.commands.consume.hook import HookRunner
    from baler.commands.consume.status import ConsumerStatus, StatusFiles
    from baler.commands.consume.systemd import Systemd
    from baler.files.ledger.ledger import Ledger

# How often it is called while the consumer waits.
TICK_SECONDS: Final = 0.2


class Attendant:
    """Is called at every interruption point and, while the consumer waits, every TICK_SECONDS; it never waits itself.

    Args:
        ledger: what is known.
        status: what is reported of this process.
        files: where it is written.
        systemd: is told.
        hooks: runs the hook, where there is one.
    """

    def __init__(
        self, ledger: Ledger, status: ConsumerStatus, files: StatusFiles, systemd: Systemd, hooks: HookRunner | None
    ) -> None:
        self._ledger = ledger
        self._status = status
        self._files = files
        self._systemd = systemd
        self._hooks = hooks

    def begin(self, totals: Totals) -> None:
        """The consumer begins; `totals` go on counting what it does."""
        self._status.totals = totals
        self._systemd.ready()
        self._files.write()

    def tick(self) -> None:
        """Do what is due.

        Raises:
            LedgerDamagedError: the ledger's file broke.
        """
        self._systemd.beat()
        self._files.write_if_due()
        if self._hooks is not None:
            self._hooks.tick()

    def passed(self, *, ours: bool) -> None:
        """A pass went to its end, or had nothing to do where another consumer works.

        Raises:
            LedgerError: the ledger cannot be used.
        """
        if self._hooks is not None:
            self._status.hooks_due = self._ledger.announcements_due()
            self._status.hooks_failed = self._hooks.failed
        self._status.passed(ours=ours)
        self._publish()

    def failed(self, message: str) -> None:
        """A pass ended early."""
        self._status.failed(message)
        self._publish()

    def finish(self, wait: Callable[[float], None]) -> int:
        """Run the hook for what is due; return for how many bundles it still is.

        Raises:
            LedgerError: the ledger cannot be used.
        """
        return 0 if self._hooks is None else self._hooks.finish(wait)

    def end(self) -> None:
        """The consumer ends; a hook that runs is ended, and stays due."""
        self._systemd.stopping()
        if self._hooks is not None:
            self._hooks.stop()
        self._status.state = ConsumerState.STOPPED
        self._files.write()

    def _publish(self) -> None:
        self._files.write()
        self._systemd.status(self._status.line())
