"""What both ways of publishing a bundle are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from baler.commands.consume.announcement import announcement
from baler.files.unpacking.permissions import UMASK, Permissions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from baler.commands.consume.state import StateFolder
    from baler.files.bundle.manifest import ManifestFile
    from baler.files.ledger.ledger import Ledger, LedgerEntry


def _nobody(_entry: LedgerEntry, _name: str) -> None:
    """Take no notice."""


@dataclass(frozen=True, slots=True)
class PublisherParts:
    """What publishing a bundle takes, whichever way it comes into sight.

    Attributes:
        ledger: what is known.
        state: where files wait.
        into: where they go.
        interruption_point: called often; may raise to abandon the work.
        fence: called right before each move; raises where another consumer may be at work by now.
        permissions: mode and group of what is delivered.
        doubtful: gets the key of a file, or the name of a bundle's folder, that is neither staged nor in its place
            after a crash in mid-move.
        announced: a hook is to be run for what is delivered, once and again until it succeeds.
    """

    ledger: Ledger
    state: StateFolder
    into: Path
    interruption_point: Callable[[], None]
    fence: Callable[[], None] = lambda: None
    permissions: Permissions = UMASK
    doubtful: Callable[[LedgerEntry, str], None] = _nobody
    announced: bool = False

    def deliver(self, entry: LedgerEntry, files: Sequence[ManifestFile], folder: str | None = None) -> None:
        """Note that a bundle is delivered and, in the same instant, that the hook is due; then drop what was staged."""
        due = None
        if self.announced:
            due = announcement(entry, files, self.ledger.places_of(entry.bundle_id), self.into, folder)
        self.ledger.deliver(entry.bundle_id, due)
        self.state.drop_staging(entry.bundle_id)
