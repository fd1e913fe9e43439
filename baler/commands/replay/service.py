"""The replay: pass after pass over the bundles that are not in the mailbox yet."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import asdict, dataclass
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Final

from baler.cli.report import Trouble
from baler.cli.s3 import S3GoneError, S3UnavailableError
from baler.cli.shutdown import Stopping
from baler.commands.replay.outbox import Place
from baler.commands.replay.report import Replayed, Started, Stopped
from baler.files.archive.bucket import Access, AsleepError, DamagedError, NotArchivedError
from baler.files.archive.exit_code import ExitCode
from baler.files.archive.parallel import concurrently
from baler.files.archive.report import Refused, RestoreAsked, Waiting

if TYPE_CHECKING:
    from collections.abc import Callable

    from baler.cli.report import Event
    from baler.cli.shutdown import Shutdown
    from baler.commands.replay.outbox import Outbox
    from baler.commands.replay.token import Token
    from baler.files.archive.bucket import ArchiveBucket, ArchivedBundle

_SPOOL_BYTES: Final = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Restoring:
    """A bundle is on its way back from Deep Archive; `asked`: since just now, because of us."""

    bundle: ArchivedBundle
    asked: bool


@dataclass(frozen=True, slots=True)
class InTheWay:
    """The mailbox holds an earlier object of a bundle."""


Outcome = Replayed | Restoring | InTheWay | Refused | Trouble


class Replay:
    """One replay.

    Args:
        token: what was asked for, and how far it is.
        archive: where the bundles are.
        outbox: where they go.
        shutdown: how it is stopped.
        report: told every event.
    """

    def __init__(
        self,
        token: Token,
        archive: ArchiveBucket,
        outbox: Outbox,
        shutdown: Shutdown,
        report: Callable[[Event], None],
    ) -> None:
        self._token = token
        self._archive = archive
        self._outbox = outbox
        self._shutdown = shutdown
        self._report = report
        self._replayed = 0
        self._refused: set[str] = set()
        self._waiting: Waiting | None = None
        self._troubles: dict[str, Trouble] = {}

    def run(self, *, wait: bool, poll_seconds: float) -> ExitCode:
        """Replay what can be, once, or until nothing is left to wait for.

        Raises:
            S3RefusedError: S3 refuses us; the token stays.
        """
        request = self._token.request
        left = self._token.left
        self._report(Started(request.replay_id, request.archive, request.mailbox, len(left), str(self._token.path)))
        waiting = Waiting(0, 0, 0)
        try:
            while True:
                waiting = self._pass()
                if not wait or not self._left():
                    break
                self._shutdown.wait(poll_seconds)
        except Stopping:
            pass  # the token knows what is left
        finally:
            self._stop()
        if not self._left():
            return ExitCode.REFUSED if self._refused else ExitCode.OK
        only_failed = waiting.failed and not (waiting.restoring or waiting.in_the_way)
        return ExitCode.FAILED if only_failed else ExitCode.WAITING

    def _left(self) -> list[str]:
        return [bundle_id for bundle_id in self._token.left if bundle_id not in self._refused]

    def _stop(self) -> None:
        left = len(self._left())
        if not left:
            self._token.remove()
        token = str(self._token.path) if left else None
        self._report(Stopped(self._token.request.replay_id, self._replayed, len(self._refused), left, token))

    def _pass(self) -> Waiting:
        left = self._left()
        counts: Counter[type[Outcome]] = Counter()
        with closing(concurrently(self._replay, left)) as outcomes:
            for bundle_id, outcome in zip(left, outcomes, strict=True):
                counts[type(outcome)] += 1
                self._settle(bundle_id, outcome)
                self._shutdown.checkpoint()
        waiting = Waiting(counts[Restoring], counts[InTheWay], counts[Trouble])
        if any(asdict(waiting).values()) and waiting != self._waiting:
            self._waiting = waiting
            self._report(waiting)
        return waiting

    def _settle(self, bundle_id: str, outcome: Outcome) -> None:
        match outcome:
            case Replayed():
                self._token.note(bundle_id)
                self._replayed += 1
                self._report(outcome)
            case Refused():
                self._refused.add(bundle_id)
                self._report(outcome)
            case Restoring(bundle, asked):
                if asked:
                    request = self._token.request
                    self._report(RestoreAsked(bundle_id, bundle.size, request.tier, request.keep_days))
            case InTheWay():
                pass
            case Trouble():
                if self._troubles.get(bundle_id) != outcome:
                    self._troubles[bundle_id] = outcome
                    self._report(outcome)

    def _replay(self, bundle_id: str) -> Outcome:
        """Bring one bundle as far as it can be brought now; runs beside others of its kind."""
        try:
            return self._bring(bundle_id)
        except (NotArchivedError, DamagedError) as error:
            return Refused(f"{error}.", bundle_id)
        except (S3UnavailableError, S3GoneError) as error:
            return Trouble(str(error), bundle_id)

    def _bring(self, bundle_id: str) -> Outcome:
        bundle = self._archive.look(bundle_id)
        place = self._outbox.look(bundle_id)
        if place is Place.OURS:
            return Replayed(bundle_id, bundle.size)
        if bundle.access is not Access.READABLE:
            if bundle.access is Access.ASLEEP:
                self._archive.restore(bundle, self._token.request.tier, self._token.request.keep_days)
            return Restoring(bundle, asked=bundle.access is Access.ASLEEP)
        if place is Place.IN_THE_WAY:
            return InTheWay()
        with SpooledTemporaryFile(max_size=_SPOOL_BYTES) as body:
            try:
                self._archive.download(bundle, body, self._shutdown.checkpoint)
            except AsleepError:
                return Restoring(bundle, asked=False)
            place = self._outbox.put(bundle, body)
        return Replayed(bundle_id, bundle.size) if place is Place.OURS else InTheWay()
