"""What became of a courier's run: what is logged and counted of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from baler.files.courier.breaker import Breaker
    from baler.files.courier.delivery_record import DeliveryId
    from baler.store_errors import Unavailable


@dataclass(frozen=True, slots=True)
class Delivery:
    """A bundle that the receiver acknowledged.

    Attributes:
        delivery: what it is, to the receiver.
        size: bytes.
        file_count: files in it.
        attempts: sends up to the acknowledgement that ended in an answer about this bundle.
        status: of HTTP.
        latency_seconds: from the moment the oldest of its files landed to the acknowledgement; None of a replay, and
            where that moment is unknown.
    """

    delivery: DeliveryId
    size: int
    file_count: int
    attempts: int
    status: int
    latency_seconds: float | None


@dataclass(frozen=True, slots=True)
class Miss:
    """A bundle that was not delivered by an attempt, or was set aside, and why: a word.

    Attributes:
        bundle_id: which.
        reason: the receiver's answer, or what is wrong with the bundle.
    """

    bundle_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class BreakerChange:
    """A change of the breaker's phase or cause.

    Attributes:
        before, after: the states.
        at: seconds since the epoch.
    """

    before: Breaker
    after: Breaker
    at: float


@dataclass(frozen=True, slots=True)
class RunReport:
    """One run.

    Attributes:
        held: this courier had the lease; else another is at work.
        breaker: as it stands at the end; None where the table did not say.
        delivered: bundles that the receiver acknowledged.
        refused: answers that refused a bundle for its own sake.
        failed: sends that failed for another reason.
        quarantined: bundles that were set aside.
        unreadable: bundles that the mailbox did not give out, or broke off, or that met an error of our own.
        removed: bundles of earlier couriers' receipts that were removed.
        changes: of the breaker, in their order.
        fenced: another courier has taken the lease over.
        failure: why the table or the mailbox could not be used, which someone has to see; None where both could.
        errors: of our own, that nobody expects.
    """

    held: bool
    breaker: Breaker | None
    delivered: tuple[Delivery, ...] = ()
    refused: tuple[Miss, ...] = ()
    failed: tuple[Miss, ...] = ()
    quarantined: tuple[Miss, ...] = ()
    unreadable: tuple[Miss, ...] = ()
    removed: tuple[str, ...] = ()
    changes: tuple[BreakerChange, ...] = ()
    fenced: bool = False
    failure: Unavailable | None = None
    errors: tuple[Exception, ...] = ()
