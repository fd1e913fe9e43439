"""The hook: a command that is run for each delivered bundle until it has succeeded once.

That it is due is noted in the ledger in the same transaction as the delivery, and that it succeeded only after it did.
So it is run **at least once** for each delivery of a bundle (each replay is one), whatever dies in between, and again
where the consumer died between its end and that note, or was stopped while it ran. It never runs for a bundle whose
files are not all in place, and it never holds deliveries up: it runs beside them, one at a time. Where a consumer was
killed, the hook that it had started may still be running when the next one starts it again.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Protocol

from baler.cli.failures import FailureReporter
from baler.cli.report import Event, printable
from baler.files.ledger.ledger_file import LedgerDamagedError, LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from baler.files.ledger.ledger import Announcement, Ledger

DEFAULT_TIMEOUT_SECONDS: Final = 60.0
# Until the next look into the ledger after there was nothing to do.
_LOOK_SECONDS: Final = 0.5
_LONGEST_BACKOFF_SECONDS: Final = 300.0
# How many of what is due are considered at once: the first that does not wait for its next try is taken.
_CONSIDERED: Final = 50
# How long a hook has to end after SIGTERM.
_GRACE_SECONDS: Final = 2.0
# Of what a hook that failed has printed.
_SHOWN_BYTES: Final = 500
# What a hook may print before it is forgotten: the scratch folder shares its disk with the deliveries.
_KEPT_BYTES: Final = 1024 * 1024
# Of `st_blocks` (stat(2)), whatever the file system's own blocks are.
_BLOCK_BYTES: Final = 512


class HookProcess(Protocol):
    """A hook that was started."""

    def poll(self) -> int | None:
        """Return its exit code; None while it runs."""
        ...

    def end(self) -> None:
        """End it, and all that it started."""
        ...

    def printed(self) -> str:
        """Return the last that it printed."""
        ...

    def close(self) -> None:
        """Drop what it printed; it has ended."""
        ...


class SubprocessHook:
    """A hook as a process group of its own.

    Args:
        command: what is run, without a shell.
        announcement: what it gets: the document on its standard input, names in its environment.
        scratch: a folder for its output, which has no name there.
        into: the folder of files, in which it is run.

    Raises:
        OSError: it cannot be started.
    """

    def __init__(self, command: Sequence[str], announcement: Announcement, scratch: Path, into: Path) -> None:
        self._output = tempfile.TemporaryFile(dir=scratch)  # noqa: SIM115 - it lives as long as the process
        try:
            with tempfile.TemporaryFile(dir=scratch) as document:
                document.write(announcement.document.encode())
                document.seek(0)
                self._process = subprocess.Popen(  # noqa: S603 - the operator's own command
                    command,
                    stdin=document,
                    stdout=self._output,
                    stderr=subprocess.STDOUT,
                    cwd=into,
                    env={
                        **{name: value for name, value in os.environ.items() if name not in _SYSTEMD},
                        "BALER_BUNDLE_ID": announcement.bundle_id,
                        "BALER_REPLAY_ID": announcement.replay_id or "",
                        "BALER_INTO": str(into),
                    },
                    start_new_session=True,
                )
        except OSError:
            self.close()
            raise

    def poll(self) -> int | None:
        """Return its exit code; give the disk back what it has printed, where that is much."""
        code = self._process.poll()
        if code is None and os.fstat(self._output.fileno()).st_blocks * _BLOCK_BYTES > _KEPT_BYTES:
            # It writes on where it was: what is before that becomes a hole, which takes no room.
            os.ftruncate(self._output.fileno(), 0)
        return code

    def end(self) -> None:
        """Ask the group to end, and insist: what it started may outlive it, and a signal may interrupt this wait."""
        try:
            self._signal(signal.SIGTERM)
        finally:
            self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        # Its group is gone, or runs as somebody else whom we may not signal.
        with suppress(OSError):
            os.killpg(self._process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_GRACE_SECONDS)

    def printed(self) -> str:
        """Return the end of its output."""
        size = self._output.seek(0, os.SEEK_END)
        self._output.seek(max(0, size - _SHOWN_BYTES))
        # A hole reads as zeros.
        return printable(self._output.read().lstrip(b"\0").decode(errors="replace").strip())

    def close(self) -> None:
        """Close the file of its output."""
        self._output.close()


# The notifications of a service are the consumer's own.
_SYSTEMD: Final = {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}


class HookRunner:
    """Runs what is due, one after the other, beside the consumer's own work: `tick` is called often and never waits.

    Args:
        ledger: what is due.
        start: starts the hook for a bundle.
        report: gets events.
        timeout_seconds: after which it is ended, and has failed.
        clock: seconds.

    Attributes:
        succeeded, failed: how often it did, since the start.
    """

    def __init__(
        self,
        ledger: Ledger,
        start: Callable[[Announcement], HookProcess],
        report: Callable[[Event], None],
        timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ledger = ledger
        self._start = start
        self._report = report
        self._failures = FailureReporter(report)
        self._timeout_seconds = timeout_seconds
        self._clock = clock
        self._running: tuple[Announcement, HookProcess, float] | None = None
        self._not_before: dict[int, float] = {}
        self._look_at = 0.0
        self.succeeded = self.failed = 0

    def tick(self) -> None:
        """Note how the hook ended, or start it for what is due next.

        Raises:
            LedgerDamagedError: the ledger's file broke. What else the ledger fails with is tried again.
        """
        try:
            self._step()
        except LedgerDamagedError:
            raise
        except LedgerError as error:
            self._failures.report(str(error))

    def finish(self, wait: Callable[[float], None]) -> int:
        """Run it for whatever is due and does not wait for another try; return for how many bundles it still is due.

        Raises:
            LedgerError: the ledger cannot be used.
        """
        while self._running is not None or self._next() is not None:
            self._look_at = 0.0
            self._step()
            wait(0.02)
        return self._ledger.announcements_due()

    def stop(self) -> None:
        """End the hook that runs; it stays due."""
        if self._running is not None:
            process = self._running[1]
            self._running = None
            process.end()
            process.close()

    def _step(self) -> None:
        if self._running is not None:
            self._watch(*self._running)
        elif self._clock() >= self._look_at:
            self._start_next()

    def _next(self) -> Announcement | None:
        now = self._clock()
        due = self._ledger.announcements(_CONSIDERED)
        return next((each for each in due if self._not_before.get(each.number, now) <= now), None)

    def _start_next(self) -> None:
        announcement = self._next()
        if announcement is None:
            self._look_at = self._clock() + _LOOK_SECONDS
            return
        try:
            self._running = (announcement, self._start(announcement), self._clock())
        except OSError as error:
            self._fail(announcement, f"cannot be started: {error.strerror or error}")

    def _watch(self, announcement: Announcement, process: HookProcess, started: float) -> None:
        code = process.poll()
        seconds = self._clock() - started
        if code is None and seconds < self._timeout_seconds:
            return
        if code is None:
            process.end()
        if code == 0:
            self._ledger.end_announcement(announcement.number)
            self._not_before.pop(announcement.number, None)
            self._failures.clear(announcement.bundle_id)
            self.succeeded += 1
            self._report(_hook_succeeded(announcement, seconds))
        else:
            how = f"took longer than {self._timeout_seconds:g} s" if code is None else f"ended with {code}"
            self._fail(announcement, f"{how}; it printed {process.printed()!r}")
        # Only now: where the ledger cannot note how it ended, that is tried again, and the hook is not run again.
        self._running = None
        process.close()

    def _fail(self, announcement: Announcement, how: str) -> None:
        seconds = min(_LONGEST_BACKOFF_SECONDS, 2.0 ** min(announcement.failures + 1, 10))
        self._not_before[announcement.number] = self._clock() + seconds
        self._ledger.fail_announcement(announcement.number, how)
        self.failed += 1
        self._failures.report(f"the hook {how}. It is run again until it succeeds.", announcement.bundle_id)


def _hook_succeeded(announcement: Announcement, seconds: float) -> Event:
    fields = {
        "bundle_id": announcement.bundle_id,
        "replay_id": announcement.replay_id,
        "seconds": round(seconds, 3),
        "failures": announcement.failures,
    }
    return Event("hook", "green", f"{announcement.bundle_id}  the hook succeeded", fields)
