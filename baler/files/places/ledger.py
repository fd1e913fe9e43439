"""The consumer's ledger, read beside a consumer that is running, and never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baler.files.ledger.ledger import DeliveryState
from baler.files.ledger.reader import LedgerReader
from baler.files.story.evidence import LedgerNote

if TYPE_CHECKING:
    from pathlib import Path


class ConsumerLedger:
    """Answers from the ledger in the consumer's own folder; each answer opens it anew, from whichever thread.

    Args:
        state: that folder, `--state` of `baler consume`.

    Raises:
        LedgerError: there is none, or it cannot be read.
    """

    def __init__(self, state: Path) -> None:
        self._path = state / "ledger.sqlite"
        with LedgerReader(self._path):
            pass

    def note(self, bundle_id: str, position: int | None = None) -> LedgerNote | None:
        """Return what is noted of a bundle, or of the file at a position of its manifest; None if nothing is."""
        with LedgerReader(self._path) as reader:
            bundle = reader.bundle(bundle_id)
            if bundle is None:
                return None
            times = [] if position is None else reader.file_times(bundle_id)
        # A whole bundle comes into sight at one moment.
        index = 0 if bundle.folder is not None else position or 0
        if index < len(times):
            return LedgerNote(in_place=True, at=times[index])
        in_place = bundle.state is not DeliveryState.UNPACKED
        return LedgerNote(in_place, bundle.delivered_at if in_place else None)
