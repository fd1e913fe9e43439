"""The listing: what of the catalogue is meant, and what is counted of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Final

from rich.filesize import decimal

from baler.cli.exit_codes import ExitCode
from baler.cli.period import Period
from baler.cli.report import Event, quantity
from baler.files.archive.catalogue import ArchiveState
from baler.files.archive.report import entry_unreadable
from baler.files.bundle.manifest import timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from baler.commands.ls.lines import Lines
    from baler.commands.ls.mailbox_states import MailboxStates
    from baler.files.archive.catalogue import Catalogue, CatalogueEntry
    from baler.files.archive.file_filter import FileFilter
    from baler.files.register.page import BundleRow, RegisteredFile

# A bundle is made after its files have landed; the clocks of S3 and of the function differ by less.
_SKEW: Final = timedelta(minutes=5)
_WRONG: Final = frozenset({ArchiveState.MISSING, ArchiveState.EXCHANGED})


@dataclass(frozen=True, slots=True)
class Landed:
    """When files landed: from `start` on and before `end`, as manifests write it; empty is no bound."""

    start: str = ""
    end: str = ""

    @classmethod
    def of(cls, period: Period) -> Landed:
        """Make it of a period."""
        return cls(_written(period.start), _written(period.end))

    def holds(self, event_time: str) -> bool:
        """Tell whether a file landed in it; times of one length sort as texts."""
        return self.start <= event_time and (not self.end or event_time < self.end)

    def may_hold(self, row: BundleRow) -> bool:
        """Tell whether a bundle may have files that landed in it."""
        if row.oldest is None or row.newest is None:
            return True
        return self.start <= row.newest and (not self.end or row.oldest < self.end)

    @staticmethod
    def bundled(period: Period) -> Period:
        """Return when files that landed in a period may have been bundled: from then on, however late."""
        try:
            return Period(None if period.start is None else period.start - _SKEW)
        except OverflowError:
            return Period()


@dataclass(frozen=True, slots=True)
class Listing:
    """What is listed.

    Attributes:
        catalogue: of what.
        mailbox: tells what waits in it.
        files: which are meant.
        landed: when they landed; None where the period says when they were bundled.
        by_bundle: a line for each bundle instead of each file.
        lines: where they go.
        interruption_point: called between two bundles.
    """

    catalogue: Catalogue
    mailbox: MailboxStates
    files: FileFilter
    landed: Landed | None
    by_bundle: bool
    lines: Lines
    interruption_point: Callable[[], None]

    def run(self, period: Period) -> ExitCode:
        """List what was bundled in a period.

        Raises:
            S3Error: the archive cannot be read.
        """
        bundles = files = size = unreadable = 0
        states: Counter[str] = Counter()
        wanted = self.landed.may_hold if self.landed else _any
        for entry in self.catalogue.entries(period, wanted):
            self.interruption_point()
            if entry.fault:
                unreadable += 1
                self.lines.report(entry_unreadable(entry.bundle_id, entry.fault))
                continue
            meant = self._meant(entry)
            if not meant:
                continue
            state = self._state(entry)
            states[state] += 1
            bundles += 1
            files += len(meant)
            size += sum(file.size for file in meant)
            if self.by_bundle:
                self.lines.bundle(entry, len(meant), state)
            else:
                for file in meant:
                    self.lines.file(entry, file, state)
        self.lines.report(_listed(files, bundles, size, states, unreadable))
        wrong = unreadable or any(states[state] for state in _WRONG)
        return ExitCode.NEEDS_ATTENTION if wrong else ExitCode.OK

    def _meant(self, entry: CatalogueEntry) -> Sequence[RegisteredFile]:
        files, landed = self.files, self.landed
        if files.is_all and landed is None:
            return entry.files
        return [
            file
            for file in entry.files
            if files.matches(file.key) and (landed is None or landed.holds(file.event_time))
        ]

    def _state(self, entry: CatalogueEntry) -> str:
        if entry.state in _WRONG:
            return entry.state
        return self.mailbox.of(entry.bundle_id) or entry.state


def _any(_: BundleRow) -> bool:
    return True


def _written(moment: datetime | None) -> str:
    return "" if moment is None else timestamp(moment.astimezone(UTC))


def _listed(files: int, bundles: int, size: int, states: Counter[str], unreadable: int) -> Event:
    """Return the end: how much was listed, and what is wrong of it."""
    text = f"{files:,} {'file' if files == 1 else 'files'} of {decimal(size)}, in {quantity(bundles, 'bundle')}"
    named = [f"{count:,} {state}" for state, count in sorted(states.items()) if state != ArchiveState.ARCHIVED]
    if named:
        text += f" ({', '.join(named)})"
    if unreadable:
        text += f"; what {quantity(unreadable, 'bundle')} held could not be read"
    fields = {"files": files, "bundles": bundles, "bytes": size, "states": dict(states), "unreadable": unreadable}
    return Event("listed", "bold", text, fields)
