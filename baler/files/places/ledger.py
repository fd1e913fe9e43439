"""The consumer's ledger, read beside a consumer that is running, and never changed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING

from baler.files.ledger.ledger import DeliveryState
from baler.files.ledger.ledger_file import LedgerError
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
        if not self._path.is_file():
            raise LedgerError(f"There is no ledger in {state}: name the consumer's own folder, its --state.")
        self.note("")

    def note(self, bundle_id: str) -> LedgerNote | None:
        """Return what is noted of a bundle; None if it was never unpacked, or is forgotten."""
        query = "SELECT state, delivered_at FROM bundles WHERE bundle_id = ?"
        try:
            with closing(sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True)) as database:
                row = database.execute(query, [bundle_id]).fetchone()
        except sqlite3.Error as error:
            raise LedgerError(f"The ledger {self._path} cannot be read: {error}.") from error
        if row is None:
            return None
        state, at = row
        in_place = state != DeliveryState.UNPACKED
        return LedgerNote(in_place, datetime.fromisoformat(at) if at is not None and in_place else None)
