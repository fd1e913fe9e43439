"""One delivery: from opening the bundle to the receipt and the removal, and all that may come in between."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from baler.files.courier.answer import Answer, Meaning
from baler.files.courier.delivery_record import DeliveryRecord
from baler.files.courier.lease import FencedError
from baler.store_errors import Unavailable
from runtime.files.courier.outcome import (
    INTERNAL_ERROR,
    Broken,
    Damaged,
    DeliveredBefore,
    Gone,
    Sent,
    Stopped,
    Unreadable,
)
from runtime.files.courier.ports import DamagedError, GoneError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from baler.files.courier.lease import Lease
    from runtime.files.courier.outcome import Outcome
    from runtime.files.courier.ports import Body, CourierTable, Mailbox, Parcel, Receiver, WaitingBundle


@dataclass(frozen=True, slots=True)
class Stores:
    """What a delivery goes through.

    Attributes:
        mailbox: where the bundle is.
        receiver: who gets it.
        table: lease and records.
        clock: seconds since the epoch.
    """

    mailbox: Mailbox
    receiver: Receiver
    table: CourierTable
    clock: Callable[[], float]


def deliver(
    bundle: WaitingBundle, lease: Lease, stores: Stores, deadline: Callable[[], float], prove: Callable[[], object]
) -> Outcome:
    """Deliver a bundle: never removed without a receipt, no receipt without an acceptance. Raises nothing.

    Args:
        bundle: of the mailbox.
        lease: under which it is sent.
        stores: what it goes through.
        deadline: says when a send that begins now must be over, seconds since the epoch.
        prove: proves the lease right before the send; raises FencedError or Unavailable.
    """
    try:
        return _opened(bundle, lease, stores, deadline, prove)
    except Exception as error:  # noqa: BLE001 - the next run would meet it again, at the same bundle
        return Broken(bundle, error)


def _opened(
    bundle: WaitingBundle, lease: Lease, stores: Stores, deadline: Callable[[], float], prove: Callable[[], object]
) -> Outcome:
    try:
        parcel = stores.mailbox.open(bundle)
    except GoneError:
        return Gone(bundle)
    except DamagedError as error:
        return Damaged(bundle, str(error))
    except Unavailable as error:
        return Unreadable(bundle, error)
    try:
        return _delivered(bundle, parcel, lease, stores, deadline, prove)
    except (FencedError, Unavailable) as error:
        return Stopped(bundle, error)
    finally:
        parcel.body.close()


def _delivered(  # noqa: PLR0913, PLR0917 - as `deliver` has it
    bundle: WaitingBundle,
    parcel: Parcel,
    lease: Lease,
    stores: Stores,
    deadline: Callable[[], float],
    prove: Callable[[], object],
) -> Outcome:
    """Deliver an open parcel; raises what the table does."""
    record = stores.table.record(parcel.delivery) or DeliveryRecord(parcel.delivery)
    if record.is_receipt:
        stores.table.renew(lease, stores.clock())
        return DeliveredBefore(bundle, _removed(bundle, stores.mailbox))
    body = _WatchedBody(parcel.body)
    prove()
    sent = _sent(replace(parcel, body=body), bundle, record, stores, deadline())
    if body.fault is not None:
        # Whatever the receiver made of it: it never had the whole bundle.
        return _at_fault(bundle, body.fault)
    return _noted(sent, lease, stores) if sent.answer.meaning is Meaning.ACCEPTED else sent


def _sent(parcel: Parcel, bundle: WaitingBundle, record: DeliveryRecord, stores: Stores, deadline: float) -> Sent:
    try:
        answer = stores.receiver.send(parcel, deadline)
    except Exception as error:  # noqa: BLE001 - one bundle that meets a fault of ours must not stop all others
        # Where the body raised it, that is asked first.
        answer = Answer(Meaning.UNREACHABLE, INTERNAL_ERROR)
        return Sent(bundle, parcel, record, answer, stores.clock(), error=error)
    return Sent(bundle, parcel, record, answer, stores.clock())


def _at_fault(bundle: WaitingBundle, fault: Unavailable | DamagedError) -> Damaged | Unreadable:
    return Damaged(bundle, str(fault)) if isinstance(fault, DamagedError) else Unreadable(bundle, fault)


def _noted(sent: Sent, lease: Lease, stores: Stores) -> Sent:
    """Write the receipt of an accepted bundle, and remove it then; the lease is proved before both."""
    receipt = replace(
        sent.record,
        attempts=sent.record.attempts + 1,
        sha256=sent.parcel.sha256,
        status=sent.answer.status or 0,
        delivered_at=sent.ended_at,
    )
    stores.table.renew(lease, stores.clock())
    stores.table.note(receipt)
    stores.table.renew(lease, stores.clock())
    return replace(sent, record=receipt, left=_removed(sent.bundle, stores.mailbox))


def _removed(bundle: WaitingBundle, mailbox: Mailbox) -> Unavailable | None:
    """Remove a bundle that has its receipt; what is left where that fails is removed by a later courier."""
    try:
        mailbox.remove(bundle)
    except Unavailable as error:
        return error
    return None


class _WatchedBody:
    """A body that remembers how it failed.

    Attributes:
        fault: what it raised.
    """

    def __init__(self, body: Body) -> None:
        self._body = body
        self.fault: Unavailable | DamagedError | None = None

    def __iter__(self) -> Iterator[bytes]:
        """Yield the pieces."""
        try:
            yield from self._body
        except (Unavailable, DamagedError) as error:
            self.fault = error
            raise

    def close(self) -> None:
        """Leave off."""
        self._body.close()
