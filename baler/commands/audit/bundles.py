"""The side of the archive: what each bundle holds, and what became of it behind the archive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from baler.cli.period import Period
from baler.commands.audit.report import bundle_found
from baler.commands.audit.step import Step
from baler.commands.audit.workspace import identify
from baler.files.archive.bucket import DamagedError
from baler.files.archive.catalogue import ArchiveState, Catalogue
from baler.files.archive.report import bundle_removed, entry_unreadable
from baler.files.story.evidence import DeliveryEvidence, InMailbox
from baler.files.story.state import FileState, Standing
from baler.files.story.verdict import delivery_state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from baler.cli.report import Event
    from baler.cli.shutdown import Shutdown
    from baler.commands.audit.workspace import Workspace
    from baler.files.places.bundle_inspector import BundleInspector

# A bundle may have begun before its files landed, to S3: of a large file it notes when the upload began, and clocks
# differ.
_BEFORE: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class BundleSide:
    """The bundles of an audit.

    Attributes:
        inspector: archive, mailbox, claims, receipts and ledger.
        space: what is known so far.
        shutdown: how it is stopped.
        report: gets every event.
    """

    inspector: BundleInspector
    space: Workspace
    shutdown: Shutdown
    report: Callable[[Event], None]

    def read(self, start: datetime) -> tuple[int, int]:
        """Note what every bundle holds that was made since; return how many there are, and how many are unreadable.

        Args:
            start: from when on the files of the period landed.
        """
        step = Step("archive", "bundles", self.report)
        done = unreadable = 0
        for entry in Catalogue(self.inspector.archive, self.report).entries(Period(start - _BEFORE, None)):
            if entry.state is ArchiveState.MISSING:
                self.report(bundle_removed(entry.bundle_id))
                continue
            done += 1
            if entry.fault:
                unreadable += 1
                self.report(entry_unreadable(entry.bundle_id, entry.fault))
            else:
                self.space.add_bundle(entry.bundle_id, ((file.key, file.version_id) for file in entry.files))
            self.shutdown.interruption_point()
            step.at(done)
        step.at(done, last=True)
        return done, unreadable

    def list_mailbox(self) -> None:
        """Note which bundles wait in the mailbox, and which are set aside there."""
        self.space.mark("waits", self.inspector.mailbox.all_waiting())
        self.space.mark("set_aside", self.inspector.mailbox.all_set_aside())

    def follow(self) -> None:
        """Note what became of each bundle that holds files of the period."""
        for batch in self.space.bundles_of_landed():
            states: dict[int, FileState] = {}
            for number, bundle_id, delivery in self._deliveries(batch):
                state = self._looked_at_again(bundle_id, delivery_state(delivery))
                if state is None:
                    continue
                states[number] = state
                if state.standing is Standing.WRONG:
                    self.report(bundle_found(bundle_id, state, self.space.files_in(number)))
            self.space.set_states(states)
            self.shutdown.interruption_point()

    def _deliveries(self, batch: Sequence[tuple[int, str, bool, bool]]) -> Iterator[tuple[int, str, DeliveryEvidence]]:
        """Yield what is known of bundles behind the archive, with a few calls for all of them."""
        inspector = self.inspector
        records = inspector.claims.bundles([bundle_id for _, bundle_id, waits, _ in batch if not waits])
        bundle_ids = [bundle_id for _, bundle_id, _, _ in batch]
        noted = None if inspector.receipts is None else inspector.receipts.first_deliveries(bundle_ids)
        for number, bundle_id, waits, set_aside in batch:
            record = records.get(bundle_id)
            delivery = DeliveryEvidence(
                committed=None if record is None else record.state,
                mailbox=InMailbox() if waits else None,
                quarantine=InMailbox() if set_aside else None,
                record=None if noted is None else noted.get(bundle_id),
                ledger=None if inspector.ledger is None else inspector.ledger.note(bundle_id),
                asked_receivers=inspector.asks_receivers,
            )
            yield number, bundle_id, delivery

    def _looked_at_again(self, bundle_id: str, state: FileState | None) -> FileState | None:
        """Return the state of a bundle; what seems wrong may have been between two places when each was listed."""
        if state is None or state.standing is not Standing.WRONG:
            return state
        return delivery_state(self.inspector.delivery(bundle_id))

    def name_of(self, identity: bytes, bundle_ids: Sequence[str]) -> tuple[str | None, str | None]:
        """Return key and version of a file, which the workspace does not keep of what landed before the period."""
        try:
            manifest = self.inspector.archive.manifest(bundle_ids[0])
        except DamagedError:
            return None, None
        files = ((file.key, file.version_id) for file in manifest.files)
        return next((file for file in files if identify(*file) == identity), (None, None))
