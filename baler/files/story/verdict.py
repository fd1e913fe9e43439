"""What state a file is in, by what is known of it. `baler find` and `baler audit` both ask here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from baler.files.claims.model import BundleState
from baler.files.story.evidence import Holds
from baler.files.story.state import FileState

if TYPE_CHECKING:
    from baler.files.story.evidence import DeliveryEvidence, FileEvidence

GRACE_SECONDS: Final = 3_600
"""How long a landed file may be on its way unseen: reconciliation's grace (components/files/timing.py)."""


def state_of(evidence: FileEvidence, now: float) -> FileState:
    """Return the state of a file.

    Args:
        evidence: the mailbox must have been read after the archive, and receipts and ledger after the mailbox: each
            step of the way is noted before the one before it is undone.
        now: seconds since the epoch.
    """
    archived = [holding for holding in evidence.holdings if holding.holds is Holds.YES]
    if len(archived) > 1:
        return FileState.TWICE
    if archived:
        delivery = archived[0].delivery
        # The record of a bundle outlives every claim on it: without both, it was so long ago that nothing remembers.
        is_forgotten = evidence.claim is None and delivery.committed is None
        return _settled(evidence, delivery_state(delivery, is_forgotten=is_forgotten), now)
    if any(holding.holds is Holds.NOT_KNOWN for holding in evidence.holdings):
        return FileState.UNKNOWN
    if any(_says_it_arrived(holding.delivery) for holding in evidence.holdings):
        return FileState.UNARCHIVED
    return _settled(evidence, None, now)


def delivery_state(delivery: DeliveryEvidence, *, is_forgotten: bool = False) -> FileState | None:
    """Return what became of a bundle that is in the archive; None where it is not known to have reached the mailbox.

    Args:
        delivery: what is known of it behind the archive.
        is_forgotten: it was so long ago that neither a claim nor a record is left.
    """
    state = _place(delivery)
    if state is not None:
        return state
    if is_forgotten:
        return FileState.TAKEN
    if delivery.committed is not BundleState.COMMITTED:
        return None
    return FileState.UNRECEIVED if delivery.asked_receivers else FileState.TAKEN


def _settled(evidence: FileEvidence, state: FileState | None, now: float) -> FileState:
    """Return the state of its delivery; where that has not begun, what the claim and the dead letters say."""
    if state is not None:
        return state
    if evidence.claim is not None and evidence.claim.lease_until > now:
        return FileState.IN_PROGRESS
    if evidence.dead_letter is not None:
        return FileState.DEAD_LETTER
    if evidence.claim is not None or evidence.holdings:
        return FileState.UNFINISHED
    if evidence.file is not None and now - evidence.file.event_time.timestamp() < GRACE_SECONDS:
        return FileState.WAITING
    return FileState.MISSING


def _place(delivery: DeliveryEvidence) -> FileState | None:
    """Return where a bundle is known to have come; None where no place behind the archive has it."""
    if delivery.ledger is not None:
        return FileState.RECEIVED if delivery.ledger.in_place else FileState.RECEIVING
    if delivery.record is not None and delivery.record.is_receipt:
        return FileState.DELIVERED
    if delivery.mailbox is not None:
        return FileState.IN_MAILBOX
    return None if delivery.quarantine is None else FileState.SET_ASIDE


def _says_it_arrived(delivery: DeliveryEvidence) -> bool:
    """Tell whether anything but the archive says that the bundle was archived: nothing else comes before that."""
    return delivery.committed is not None or _place(delivery) is not None
