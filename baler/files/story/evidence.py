"""What is known of a file, read from every place that knows something of it. All times are UTC."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from baler.files.claims.model import BundleState, Claim
    from baler.files.courier.delivery_record import DeliveryRecord
    from baler.files.landed_file import LandedFile


class Holds(Enum):
    """Whether a bundle in the archive holds a file."""

    YES = "yes"
    NO = "no"
    """The archive has no such bundle, only the fence of one, or one whose manifest does not list the file."""

    NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True)
class LedgerNote:
    """What the consumer's ledger has of a bundle: whether every file is in place, and since when if that is known."""

    in_place: bool
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class InMailbox:
    """An object of a bundle in the mailbox bucket.

    Attributes:
        since: when it was put there; None where a listing alone was read.
        refusal: why the receiver refused it, in the quarantine.
    """

    since: datetime | None = None
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryEvidence:
    """What became of a bundle behind the archive.

    Attributes:
        committed: its record in the claim table; None where there is none.
        mailbox: the object in the mailbox.
        quarantine: the object in the quarantine.
        record: what the courier noted, the receipt for example.
        ledger: what the consumer noted.
        asked_receivers: the courier's table or the ledger was asked, so that it would be known if it had arrived.
    """

    committed: BundleState | None = None
    mailbox: InMailbox | None = None
    quarantine: InMailbox | None = None
    record: DeliveryRecord | None = None
    ledger: LedgerNote | None = None
    asked_receivers: bool = False


@dataclass(frozen=True, slots=True)
class Holding:
    """A bundle that is said to hold the file, by the claim on the file or by the archive's index.

    Attributes:
        bundle_id: the bundle.
        holds: whether it is in the archive, and holds the file.
        delivery: what became of it.
    """

    bundle_id: str
    holds: Holds
    delivery: DeliveryEvidence


@dataclass(frozen=True, slots=True)
class FileEvidence:
    """What is known of one version of a file.

    Attributes:
        file: as it landed; None where the landing bucket does not have it any more.
        claim: that which stands on it: neither expired nor given back.
        holdings: the bundles that are said to hold it: that of its claim, and those that the index has.
        dead_letter: why its message is among the dead letters; None where it is not known to be there.
    """

    file: LandedFile | None = None
    claim: Claim | None = None
    holdings: tuple[Holding, ...] = ()
    dead_letter: str | None = None
