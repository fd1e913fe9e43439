"""Watches where bundles arrive while files are uploaded, and after that until nothing is left to come."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from loadtest.drain import Drain, Ending
    from loadtest.ledger import DeliveryLedger
    from loadtest.measurement import Watch

logger = logging.getLogger(__name__)

_POLL_SECONDS: Final = 1.0


@dataclass
class DeliveryWatcher:
    """Takes in what arrives.

    Attributes:
        watch: the receipts, the mailbox, or the archive in its place.
        ledger: gets every bundle.
        drain: decides when it is over.
        uploading: returns whether some process has not reported its last upload.
        queued: counts the messages of the ingest queue.
        on_delivery: called with the latency, in seconds, of each file that is delivered.
        failed_looks: how often AWS did not answer.
    """

    watch: Watch
    ledger: DeliveryLedger
    drain: Drain
    uploading: Callable[[], bool]
    queued: Callable[[], int]
    on_delivery: Callable[[float], None]
    failed_looks: int = 0

    def watch_until_over(self) -> Ending:
        """Look about once a second until the run is over, and return how it ended."""
        while (ending := self.look(time.time())) is None:
            time.sleep(_POLL_SECONDS)
        return ending

    def look(self, now: float) -> Ending | None:
        """Look once; return how the run ended, None where it has not."""
        uploading = self.uploading()
        try:
            queued = 1 if uploading else self.queued()
            # Rolled-forward bundles have old names, so the looks that decide are at everything.
            for bundle in self.watch.look(now, everything=not uploading):
                for latency in self.ledger.note_bundle(bundle.manifest, bundle.at):
                    self.on_delivery(latency)
            queued += self.watch.waiting
        except (BotoCoreError, ClientError) as error:
            self.failed_looks += 1
            logger.warning("could not look for what arrived, trying again: %s", error)
            queued = 1
        return self.drain.ended(now, uploading=uploading, queued=queued, missing=len(self.ledger.missing))
