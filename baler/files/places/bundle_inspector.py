"""Everything that is known of one bundle, asked place by place."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from baler.files.archive.bucket import DamagedError, NotArchivedError
from baler.files.story.evidence import DeliveryEvidence, Holding, Holds

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from baler.files.archive.bucket import ArchiveBucket, ArchivedBundle
    from baler.files.bundle.manifest import Manifest, ManifestFile
    from baler.files.courier.delivery_record import DeliveryRecord
    from baler.files.places.mailbox import MailboxBucket
    from baler.files.reconciliation.ports import ClaimReader
    from baler.files.story.evidence import LedgerNote


class Receipts(Protocol):
    """What the courier noted."""

    def first_deliveries(self, bundle_ids: Collection[str]) -> Mapping[str, DeliveryRecord]:
        """Return what is known of the first delivery of bundles, by bundle id."""
        ...


class LedgerNotes(Protocol):
    """What the consumer noted."""

    def note(self, bundle_id: str, position: int | None = None) -> LedgerNote | None:
        """Return what is noted of a bundle, or of the file at a position of its manifest.

        None where it was never unpacked, or is forgotten.
        """
        ...


@dataclass(frozen=True, slots=True)
class InspectedBundle:
    """A bundle, and a file that it is said to hold.

    Attributes:
        holding: what follows for the file.
        archived: the bundle in the archive; None where there is none.
        listed: the file in the bundle's manifest; None where it is not there, or that could not be read.
        unreadable: why the manifest could not be read; "" where it was.
    """

    holding: Holding
    archived: ArchivedBundle | None
    listed: ManifestFile | None
    unreadable: str = ""


@dataclass(frozen=True, slots=True)
class BundleInspector:
    """Asks the places in the order in which a bundle comes to them: see baler/files/story/verdict.py.

    Attributes:
        archive: the archive.
        mailbox: the mailbox.
        claims: the claim table, for the bundle's record.
        receipts: the courier's; None where there is no courier, or its table is not known.
        ledger: the consumer's; None where it is not at hand.
    """

    archive: ArchiveBucket
    mailbox: MailboxBucket
    claims: ClaimReader
    receipts: Receipts | None = None
    ledger: LedgerNotes | None = None

    @property
    def asks_receivers(self) -> bool:
        """Whether it would be known if a bundle had arrived."""
        return self.receipts is not None or self.ledger is not None

    def inspect(self, bundle_id: str, key: str, version_id: str | None) -> InspectedBundle:
        """Return what is known of a bundle that is said to hold a version of a file.

        Raises:
            S3Error: S3 failed.
            Unavailable: DynamoDB did not answer.
        """
        with ThreadPoolExecutor(1) as beside:
            reading = beside.submit(self._manifest, bundle_id)
            archived = self._archived(bundle_id)
            manifest = reading.result()
        listed, unreadable, position = None, "", None
        if isinstance(manifest, str):
            unreadable = manifest
        else:
            for number, file in enumerate(manifest.files):
                if (file.key, file.version_id) == (key, version_id):
                    listed, position = file, number
        delivery = self.delivery(bundle_id, position)
        if archived is None:
            holds = Holds.NO
        elif unreadable:
            holds = Holds.NOT_KNOWN
        else:
            holds = Holds.NO if listed is None else Holds.YES
        return InspectedBundle(Holding(bundle_id, holds, delivery), archived, listed, unreadable)

    def delivery(self, bundle_id: str, position: int | None = None) -> DeliveryEvidence:
        """Return what became of a bundle behind the archive, or of the file at a position of its manifest.

        Raises:
            S3Error: S3 failed.
            Unavailable: DynamoDB did not answer.
        """
        waiting = self.mailbox.waiting(bundle_id)
        aside = self.mailbox.set_aside(bundle_id)
        record = self.claims.bundles([bundle_id]).get(bundle_id)
        receipt = None if self.receipts is None else self.receipts.first_deliveries([bundle_id]).get(bundle_id)
        return DeliveryEvidence(
            committed=None if record is None else record.state,
            mailbox=waiting,
            quarantine=aside,
            record=receipt,
            ledger=None if self.ledger is None else self.ledger.note(bundle_id, position),
            asked_receivers=self.asks_receivers,
        )

    def _archived(self, bundle_id: str) -> ArchivedBundle | None:
        try:
            return self.archive.inspect(bundle_id)
        except NotArchivedError:
            return None

    def _manifest(self, bundle_id: str) -> Manifest | str:
        try:
            return self.archive.manifest(bundle_id)
        except DamagedError as error:
            return str(error)
