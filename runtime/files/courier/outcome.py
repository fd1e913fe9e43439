"""What becomes of a bundle that a courier takes up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from baler.files.courier.answer import Answer
    from baler.files.courier.delivery_record import DeliveryRecord
    from baler.files.courier.lease import FencedError
    from baler.store_errors import Unavailable
    from runtime.files.courier.ports import Parcel, WaitingBundle

INTERNAL_ERROR: Final = "internal-error"
"""The reason of a send that ended in an error of our own that nobody expects."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The bundle is not there any more, or another lies in its place: the next listing shows it."""

    bundle: WaitingBundle


@dataclass(frozen=True, slots=True)
class Damaged:
    """The object is none of our bundles, or not the bytes that its metadata promise."""

    bundle: WaitingBundle
    reason: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The mailbox did not give the bundle out, or broke off in the middle of it."""

    bundle: WaitingBundle
    error: Unavailable


@dataclass(frozen=True, slots=True)
class DeliveredBefore:
    """There was a receipt: an earlier courier died before it removed the bundle.

    Attributes:
        bundle: which.
        left: why it could not be removed now either; None where it was.
    """

    bundle: WaitingBundle
    left: Unavailable | None


@dataclass(frozen=True, slots=True)
class Sent:
    """The bundle was sent; an acceptance has its receipt.

    Attributes:
        bundle: which.
        parcel: what was sent; its body has been read or left.
        record: of the delivery: the receipt after an acceptance, else what was known before.
        answer: of the receiver.
        ended_at: when the answer came, seconds since the epoch.
        left: why an accepted bundle could not be removed; None where it was.
        error: an error of our own in the send that nobody expects, and which the answer stands for.
    """

    bundle: WaitingBundle
    parcel: Parcel
    record: DeliveryRecord
    answer: Answer
    ended_at: float
    left: Unavailable | None = None
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class Stopped:
    """The lease was lost or could not be proved: whatever the receiver answered is not noted, and will be asked again.

    Attributes:
        bundle: which.
        error: FencedError, or why the table could not be used.
    """

    bundle: WaitingBundle
    error: FencedError | Unavailable


@dataclass(frozen=True, slots=True)
class Broken:
    """An error of our own that nobody expects, before the send or after it: one bundle must not stop all others.

    Attributes:
        bundle: which.
        error: whatever it was.
    """

    bundle: WaitingBundle
    error: Exception


Outcome: TypeAlias = Broken | Gone | Damaged | Unreadable | DeliveredBefore | Sent | Stopped
