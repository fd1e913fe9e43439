"""The loop of replay and extract: pass after pass over what is left, until nothing is awaited any more."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Generic, TypeVar

from baler.cli.exit_codes import ExitCode
from baler.cli.failures import FailureReporter
from baler.cli.s3 import S3GoneError, S3UnavailableError
from baler.cli.shutdown import Stopping
from baler.files.archive.bucket import DamagedError, NotArchivedError
from baler.files.archive.outcome import Awaited, Done, Failed, InTheWay, Outcome, Restoring, Unobtainable
from baler.files.archive.report import refused, restore_requested, waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from baler.cli.report import Event
    from baler.cli.shutdown import Shutdown
    from baler.files.archive.bucket import RestoreOptions

Item = TypeVar("Item")


class Passes(Generic[Item]):
    """Works on items until each is done or cannot be had; reports what becomes of each, and failures once.

    Args:
        items: what to work on.
        bundle_id_of: names the bundle of an item.
        attempt: brings an item as far as it can be brought now, or raises NotArchivedError, DamagedError or S3Error.
        each: makes the attempts of a pass: `concurrently` or `one_by_one`.
        note: called with an item that is done, before that is reported.
        restore: as Deep Archive is asked.
        shutdown: how it is stopped.
        report: gets the events.

    Attributes:
        left: the items that are neither done nor refused.
        done: how many were done, as opposed to
        already_there: how many needed nothing.
        refused: how many cannot be had.
    """

    def __init__(  # noqa: PLR0913 - its parts, each by name
        self,
        items: Sequence[Item],
        *,
        bundle_id_of: Callable[[Item], str],
        attempt: Callable[[Item], Outcome],
        each: Callable[[Callable[[Item], Outcome], Sequence[Item]], Generator[Outcome]],
        note: Callable[[Item], object] = lambda _: None,
        restore: RestoreOptions,
        shutdown: Shutdown,
        report: Callable[[Event], None],
    ) -> None:
        self.left = list(items)
        self.done = self.already_there = self.refused = 0
        self._bundle_id_of = bundle_id_of
        self._attempt = attempt
        self._each = each
        self._note = note
        self._restore = restore
        self._shutdown = shutdown
        self._report = report
        self._failures = FailureReporter(report)
        self._awaited = Awaited()

    def run(self, *, wait: bool, poll_seconds: float) -> ExitCode:
        """Make one pass, or as many as it takes. A signal ends it: what is done is done, and `left` is the rest.

        Args:
            wait: until nothing is awaited.
            poll_seconds: between two passes.

        Raises:
            S3RefusedError: S3 refuses us.
        """
        try:
            self._pass()
            while wait and self.left:
                self._shutdown.wait(poll_seconds)
                self._pass()
        except Stopping:
            if self.left:
                return ExitCode.STOPPED
        if not self.left:
            return ExitCode.NEEDS_ATTENTION if self.refused else ExitCode.OK
        return ExitCode.RETRY if self._awaited.only_failed else ExitCode.UNFINISHED

    def _pass(self) -> None:
        items = [*self.left]
        outcomes: Counter[type[Outcome]] = Counter()
        with closing(self._each(self._outcome, items)) as found:
            for item, outcome in zip(items, found, strict=True):
                outcomes[type(outcome)] += 1
                self._settle(item, outcome)
                self._shutdown.interruption_point()
        awaited = Awaited(outcomes[Restoring], outcomes[InTheWay], outcomes[Failed])
        if awaited not in {self._awaited, Awaited()}:
            self._report(waiting(awaited))
        self._awaited = awaited

    def _outcome(self, item: Item) -> Outcome:
        """Try one item; runs beside others of its kind."""
        try:
            return self._attempt(item)
        except (NotArchivedError, DamagedError) as error:
            return Unobtainable(f"{error}.")
        except (S3UnavailableError, S3GoneError) as error:
            return Failed(str(error))

    def _settle(self, item: Item, outcome: Outcome) -> None:
        match outcome:
            case Done(event, already_there):
                self.left.remove(item)
                self.done += not already_there
                self.already_there += already_there
                self._note(item)
                self._report(event)
            case Unobtainable(reason):
                self.left.remove(item)
                self.refused += 1
                self._report(refused(reason, self._bundle_id_of(item)))
            case Restoring(bundle, requested):
                if requested:
                    self._report(restore_requested(bundle, self._restore))
            case Failed(message):
                self._failures.report(message, self._bundle_id_of(item))
            case InTheWay():
                pass
