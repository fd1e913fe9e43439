"""Couriers, tables and receivers that are wrong, each in one way: what the simulation must find."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from baler.files.courier.answer import Meaning
from baler.files.courier.breaker import Cause, Phase
from baler.files.courier.delivery_record import DeliveryId
from runtime.files.courier.courier import Courier
from simulation.courier_stores import CourierMailbox, CourierTable, ReceiverClient
from simulation.push import Delivery
from simulation.receiver import NotesBeforeItKeeps
from simulation.situation import Design

if TYPE_CHECKING:
    from baler.files.courier.answer import Answer
    from baler.files.courier.breaker import Breaker
    from baler.files.courier.delivery_record import DeliveryRecord
    from baler.files.courier.lease import Lease
    from runtime.files.courier.ports import Parcel, WaitingBundle
    from simulation.pushing import Pushing
    from simulation.receiver import Reply
    from simulation.stores import Call


class RemovesFirst(CourierMailbox):
    """Takes a bundle out of the mailbox to send it."""

    def open(self, bundle: WaitingBundle) -> Parcel:
        parcel = super().open(bundle)
        self.remove(bundle)
        return parcel


class ForgetsTheReplay(CourierMailbox):
    """Tells the receiver the bundle's id alone."""

    def open(self, bundle: WaitingBundle) -> Parcel:
        return replace(super().open(bundle), delivery=DeliveryId(bundle.bundle_id))


class NewIdEachTime(CourierMailbox):
    """Gives each attempt an id of its own."""

    def __init__(self, call: Call, pushing: Pushing) -> None:
        super().__init__(call, pushing)
        self._attempts = itertools.count(1)

    def open(self, bundle: WaitingBundle) -> Parcel:
        return replace(super().open(bundle), delivery=DeliveryId(bundle.bundle_id, f"attempt {next(self._attempts)}"))


class WithoutLease(CourierTable):
    """Lets every courier work."""

    def acquire(self, owner: str, now: float) -> Lease | None:
        self._memory.owner = owner
        return super().acquire(owner, now)

    def renew(self, lease: Lease, now: float) -> Lease:
        del now
        return replace(lease, bells=self._memory.bells, breaker=self._memory.breaker)

    def release(self, lease: Lease, *, bells: int | None) -> bool:
        del lease
        return bells is None or bells == self._memory.bells

    def save(self, lease: Lease, breaker: Breaker) -> None:
        del lease
        super().save(self._memory.lease(), breaker)


class WithoutGeneration(CourierTable):
    """Has a lease, and never asks whose it is by now."""

    def renew(self, lease: Lease, now: float) -> Lease:
        return replace(super().renew(self._memory.lease(), now), generation=lease.generation, owner=lease.owner)

    def release(self, lease: Lease, *, bells: int | None) -> bool:
        del lease
        return super().release(self._memory.lease(), bells=bells)

    def save(self, lease: Lease, breaker: Breaker) -> None:
        del lease
        super().save(self._memory.lease(), breaker)


class LeaseForEver(CourierTable):
    """Takes a lease for held until it is given back."""

    def acquire(self, owner: str, now: float) -> Lease | None:
        return super().acquire(owner, now if self._memory.lease_until == 0 else min(now, self._memory.lease_until - 1))


class NeverProbesInTurn(CourierTable):
    """Forgets which bundle was the last probe: it is the oldest each time."""

    def save(self, lease: Lease, breaker: Breaker) -> None:
        super().save(lease, replace(breaker, probed=""))


class ForgetsWhoWasAccused(CourierTable):
    """Takes what is said of one bundle alone for said of all, each time."""

    def save(self, lease: Lease, breaker: Breaker) -> None:
        super().save(lease, replace(breaker, accused=(), suspects=()))


class ForgetsTheCause(CourierTable):
    """Takes any answer of a receiver that refuses everything for a sign that it is back."""

    def save(self, lease: Lease, breaker: Breaker) -> None:
        super().save(lease, breaker if breaker.closed else replace(breaker, cause=Cause.UNREACHABLE))


class StoresNoProbe(CourierTable):
    """Sends a probe without storing that it is out."""

    def save(self, lease: Lease, breaker: Breaker) -> None:
        if breaker.phase is not Phase.HALF_OPEN:
            super().save(lease, breaker)
            return
        self.renew(lease, self._world.now)
        self._invariants.saved(self._process, breaker, self._world.now)


class ForgetsReceipts(CourierTable):
    """Writes each record over the one that is there, and keeps no receipt when it has to."""

    def note(self, record: DeliveryRecord) -> None:
        super().note(replace(record, delivered_at=0.0))


class ProbesWithoutLimit(Courier):
    """Probes as often as it is invoked, and as fast as it can."""

    def __init__(self, **parts: Any) -> None:
        limits = parts["limits"]
        breaker = replace(limits.breaker, probe_interval_seconds=0.0)
        super().__init__(**{**parts, "limits": replace(limits, breaker=breaker)})


class NeverOpens(Courier):
    """Sends on, whatever fails."""

    def __init__(self, **parts: Any) -> None:
        limits = parts["limits"]
        breaker = replace(limits.breaker, failures_to_open=1000)
        super().__init__(**{**parts, "limits": replace(limits, breaker=breaker)})


class SetsAsideWhateverIsRefused(Courier):
    """Sets a bundle aside when it is refused once."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**{**parts, "limits": replace(parts["limits"], refusal_tries=1)})


class NeverSetsAside(Courier):
    """Sends a bundle that is refused again and again."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**{**parts, "limits": replace(parts["limits"], refusal_tries=10**6)})


class TakesRedirectsForSuccess(ReceiverClient):
    """Takes every answer that is no error for an acknowledgement."""

    def answer(self, reply: Reply) -> Answer:
        answer = super().answer(reply)
        return replace(answer, meaning=Meaning.ACCEPTED) if 300 <= (reply.status or 0) < 400 else answer


class IgnoresRetryAfter(ReceiverClient):
    """Comes back when it likes."""

    def send(self, parcel: Parcel, deadline: float) -> Answer:
        return replace(super().send(parcel, deadline), retry_after_seconds=0.0)


class TakesSilenceForSuccess(ReceiverClient):
    """Takes a bundle that was sent whole for delivered, whether or not there is an answer."""

    def _send(self, parcel: Parcel, deadline: float) -> Answer:
        answer = super()._send(parcel, deadline)
        return replace(answer, meaning=Meaning.ACCEPTED) if answer.reason == "timeout" else answer


BROKEN_COURIERS: Final = {
    "removes-first": Design(courier_mailbox=RemovesFirst, delivery=Delivery.PUSH),
    "forgets-the-replay": Design(courier_mailbox=ForgetsTheReplay, delivery=Delivery.PUSH),
    "new-id-each-time": Design(courier_mailbox=NewIdEachTime, delivery=Delivery.PUSH),
    "couriers-without-lease": Design(courier_table=WithoutLease, delivery=Delivery.PUSH),
    "couriers-without-generation": Design(courier_table=WithoutGeneration, delivery=Delivery.PUSH),
    "lease-for-ever": Design(courier_table=LeaseForEver, delivery=Delivery.PUSH),
    "always-probes-with-the-oldest": Design(courier_table=NeverProbesInTurn, delivery=Delivery.PUSH),
    "forgets-who-was-accused": Design(courier_table=ForgetsWhoWasAccused, delivery=Delivery.PUSH),
    "forgets-the-cause": Design(courier_table=ForgetsTheCause, delivery=Delivery.PUSH),
    "stores-no-probe": Design(courier_table=StoresNoProbe, delivery=Delivery.PUSH),
    "forgets-receipts": Design(courier_table=ForgetsReceipts, delivery=Delivery.PUSH),
    "probes-without-limit": Design(courier=ProbesWithoutLimit, delivery=Delivery.PUSH),
    "never-opens": Design(courier=NeverOpens, delivery=Delivery.PUSH),
    "sets-aside-whatever-is-refused": Design(courier=SetsAsideWhateverIsRefused, delivery=Delivery.PUSH),
    "never-sets-aside": Design(courier=NeverSetsAside, delivery=Delivery.PUSH),
    "takes-redirects-for-success": Design(receiver_client=TakesRedirectsForSuccess, delivery=Delivery.PUSH),
    "ignores-retry-after": Design(receiver_client=IgnoresRetryAfter, delivery=Delivery.PUSH),
    "takes-silence-for-success": Design(receiver_client=TakesSilenceForSuccess, delivery=Delivery.PUSH),
    "notes-before-it-keeps": Design(receiver=NotesBeforeItKeeps, delivery=Delivery.PUSH),
}
