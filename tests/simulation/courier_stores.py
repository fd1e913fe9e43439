"""The mailbox as S3 has it, the courier's table, and the courier's ports on both and on the receiver."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from baler.files.courier.answer import Answer, Meaning
from baler.files.courier.breaker import Breaker
from baler.files.courier.delivery_record import DeliveryId, DeliveryRecord
from baler.files.courier.lease import LEASE_SECONDS, FencedError, Lease
from baler.store_errors import Refused, Unavailable
from runtime.files.courier.ports import DamagedError, GoneError, Parcel, WaitingBundle
from runtime.files.receivers.http.answers import answer_of_status
from simulation.faults import LONGEST_DELAY
from simulation.invariants import about, short
from simulation.push import Curse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.stores import Stored

    from simulation.delivery_invariants import CourierProcess
    from simulation.pushing import Pushing
    from simulation.receiver import Reply
    from simulation.stores import Call

T = TypeVar("T")


class CallUntil(Protocol):
    """Makes a call as Call does, which is over by a time, in seconds since the epoch."""

    def __call__(self, name: str, subject: str, effect: Callable[[], T], until: float, /) -> T: ...


@dataclass(frozen=True, slots=True)
class Envelope:
    """What S3 knows of an object beside its bytes.

    Attributes:
        etag: the hash of the bytes, as S3 has it for a whole object with SSE-S3: a replay has the same.
        put_at: seconds since the epoch.
        replay_id: in the metadata; "" for a first delivery.
    """

    etag: str
    put_at: float
    replay_id: str


class Postbox(dict[str, "Stored"]):
    """The bundles in the mailbox, by bundle id.

    Attributes:
        envelopes: what is known of each beside its bytes.
        quarantine: what was set aside, by bundle id: the bundle, its envelope, and the reason.
        removals: until when a removal of each may yet take effect, seconds since the epoch.
        on_put: is told the bundle id of each put.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self.envelopes: dict[str, Envelope] = {}
        self.quarantine: dict[str, tuple[Stored, Envelope, str]] = {}
        self.removals: dict[str, float] = {}
        self.on_put: Callable[[str], None] = lambda _: None
        self._clock = clock

    def __setitem__(self, bundle_id: str, stored: Stored) -> None:
        self.put(bundle_id, stored, "")

    def put(self, bundle_id: str, stored: Stored, replay_id: str) -> None:
        """Put a bundle, and let its event be sent."""
        super().__setitem__(bundle_id, stored)
        self.envelopes[bundle_id] = Envelope(stored.sha256[:32], self._clock(), replay_id)
        self.on_put(bundle_id)

    def replay(self, bundle_id: str, stored: Stored, replay_id: str) -> None:
        """Put a bundle there again, unless one lies there.

        S3 cannot tell a replay from the first delivery by its ETag. So nobody replays a bundle while a removal may be
        under way.
        """
        if bundle_id not in self and self.removals.get(bundle_id, 0.0) <= self._clock():
            self.put(bundle_id, stored, replay_id)

    def redeliver(self) -> None:
        """Put all that was set aside back, unless another lies there."""
        for bundle_id, (stored, envelope, _) in list(self.quarantine.items()):
            if bundle_id not in self:
                del self.quarantine[bundle_id]
                self.put(bundle_id, stored, envelope.replay_id)

    def delivery(self, bundle_id: str) -> DeliveryId:
        """The delivery that waits under a key."""
        return DeliveryId(bundle_id, self.envelopes[bundle_id].replay_id)


@dataclass
class MemoryCourierTable:
    """The courier's table, as baler/files/aws/courier_table.py has it in DynamoDB."""

    owner: str = ""
    generation: int = 0
    lease_until: float = 0.0
    bells: int = 0
    breaker: Breaker = field(default_factory=Breaker)
    records: dict[str, DeliveryRecord] = field(default_factory=dict[str, DeliveryRecord])

    def acquire(self, owner: str, now: float) -> Lease | None:
        if self.lease_until > now:
            return self.lease() if self.owner == owner else None
        self.generation += 1
        self.owner, self.lease_until = owner, now + LEASE_SECONDS
        return self.lease()

    def ring(self) -> Breaker:
        self.bells += 1
        return self.breaker

    def renew(self, lease: Lease, now: float) -> Lease:
        self.prove(lease)
        self.lease_until = now + LEASE_SECONDS
        return self.lease()

    def release(self, lease: Lease, bells: int | None) -> bool:
        self.prove(lease)
        if bells is not None and self.bells != bells:
            return False
        # The owner stays, so that a second attempt is the same.
        self.lease_until = 0.0
        return True

    def save(self, lease: Lease, breaker: Breaker) -> None:
        self.prove(lease)
        self.breaker = breaker

    def note(self, record: DeliveryRecord) -> None:
        before = self.records.get(record.delivery.name)
        if before is None or not before.is_receipt:
            self.records[record.delivery.name] = record

    def prove(self, lease: Lease) -> None:
        if self.owner != lease.owner or self.generation != lease.generation:
            raise FencedError(f"generation {lease.generation} is past: {self.generation} holds")

    def lease(self) -> Lease:
        return Lease(self.owner, self.generation, self.bells, self.breaker)


class CourierTable:
    """The CourierTable port, as one process sees it."""

    def __init__(self, call: Call, process: CourierProcess, pushing: Pushing) -> None:
        self._call = call
        self._process = process
        self._memory = pushing.table
        self._invariants = pushing.invariants
        self._world = pushing.world

    def acquire(self, owner: str, now: float) -> Lease | None:
        lease = self._call("courier.acquire", f"by {owner}", lambda: self._acquire(owner, now))
        if lease is not None:
            self._invariants.taken(self._process, lease)
        return lease

    def ring(self) -> Breaker:
        return self._call("courier.ring", "", self._memory.ring)

    def renew(self, lease: Lease, now: float) -> Lease:
        renewed = self._fenced("courier.renew", _holder(lease), lambda: self._memory.renew(lease, now))
        self._invariants.proved(self._process)
        return renewed

    def release(self, lease: Lease, *, bells: int | None) -> bool:
        return self._fenced("courier.release", _holder(lease), lambda: self._memory.release(lease, bells))

    def save(self, lease: Lease, breaker: Breaker) -> None:
        def effect() -> None:
            self._memory.save(lease, breaker)
            self._invariants.before_saving(lease)

        began_at = self._world.now
        subject = " ".join(str(word) for word in (breaker.phase, breaker.cause, breaker.failures) if word)
        self._fenced("courier.save", subject, effect)
        self._invariants.saved(self._process, breaker, began_at)

    def record(self, delivery: DeliveryId) -> DeliveryRecord | None:
        subject = about(delivery)
        return self._call("courier.record", subject, lambda: self._memory.records.get(delivery.name))

    def note(self, record: DeliveryRecord) -> None:
        def effect() -> None:
            self._invariants.before_note(record)
            self._memory.note(record)

        what = "receipt" if record.is_receipt else f"{record.refusals} refusals"
        self._call("courier.note", f"{about(record.delivery)}: {what}", effect)

    def _acquire(self, owner: str, now: float) -> Lease | None:
        generation, released = self._memory.generation, self._memory.lease_until == 0
        lease = self._memory.acquire(owner, now)
        if self._memory.generation != generation:
            self._invariants.took_over(released=released)
        return lease

    def _fenced(self, name: str, subject: str, effect: Callable[[], T]) -> T:
        """Make a call that is refused without effect where the lease is another's, also if it comes too late to say."""

        def tried() -> T | FencedError:
            try:
                return effect()
            except FencedError as error:
                return error

        answer = self._call(name, subject, tried)
        if isinstance(answer, FencedError):
            raise answer
        return answer


class CourierMailbox:
    """The Mailbox port, as one process sees it: what runtime/files/aws/mailbox.py asks of S3."""

    def __init__(self, call: Call, pushing: Pushing) -> None:
        self._call = call
        self._postbox = pushing.postbox
        self._receiver = pushing.receiver
        self._invariants = pushing.invariants
        self._world = pushing.world

    def waiting(self) -> Iterator[WaitingBundle]:
        def listed() -> list[WaitingBundle]:
            return [
                WaitingBundle(each, self._postbox.envelopes[each].etag, len(stored.body), self._put_at(each))
                for each, stored in sorted(self._postbox.items())
            ]

        yield from self._call("parcels.list", "", listed)

    def open(self, bundle: WaitingBundle) -> Parcel:
        found = self._call("parcels.get", short(bundle.bundle_id), lambda: self._get(bundle))
        if found is None:
            raise GoneError
        stored, replay_id = found
        if self._receiver.curse(bundle.bundle_id) is Curse.NO_HASH:
            raise DamagedError("no hash in its metadata")
        delivery = DeliveryId(bundle.bundle_id, replay_id)
        body = Body(self._call, short(bundle.bundle_id), stored)
        return Parcel(delivery, stored.sha256, len(stored.identities), len(stored.body), bundle.put_at, body)

    def remove(self, bundle: WaitingBundle) -> None:
        if self._head(bundle):
            self._delete("parcels.remove", bundle)

    def quarantine(self, bundle: WaitingBundle, reason: str) -> None:
        """A copy and a delete: what is copied stays where another process has removed the bundle meanwhile."""
        if bundle.bundle_id in self._postbox:
            self._invariants.before_setting_aside(self._postbox.delivery(bundle.bundle_id), reason)
        if not self._head(bundle):
            return

        def copy() -> bool:
            if not self._has_etag(bundle):
                return False
            stored, envelope = self._postbox[bundle.bundle_id], self._postbox.envelopes[bundle.bundle_id]
            self._postbox.quarantine[bundle.bundle_id] = (stored, envelope, reason)
            return True

        if self._call("parcels.copy", f"{short(bundle.bundle_id)}: {reason}", copy):
            self._delete("parcels.set_aside", bundle)

    def _head(self, bundle: WaitingBundle) -> bool:
        return self._call("parcels.head", short(bundle.bundle_id), lambda: self._is_meant(bundle))

    def _delete(self, name: str, bundle: WaitingBundle) -> None:
        """Delete what has the ETag: S3 has no other condition."""
        self._postbox.removals[bundle.bundle_id] = math.inf

        def effect() -> None:
            if self._has_etag(bundle):
                self._invariants.before_removal(self._postbox.delivery(bundle.bundle_id))
                del self._postbox[bundle.bundle_id]

        try:
            self._call(name, short(bundle.bundle_id), effect)
        finally:
            self._postbox.removals[bundle.bundle_id] = self._world.now + LONGEST_DELAY

    def _get(self, bundle: WaitingBundle) -> tuple[Stored, str] | None:
        if not self._is_meant(bundle):
            return None
        return self._postbox[bundle.bundle_id], self._postbox.envelopes[bundle.bundle_id].replay_id

    def _is_meant(self, bundle: WaitingBundle) -> bool:
        return self._has_etag(bundle) and abs(self._put_at(bundle.bundle_id) - bundle.put_at) <= 1

    def _has_etag(self, bundle: WaitingBundle) -> bool:
        return bundle.bundle_id in self._postbox and self._postbox.envelopes[bundle.bundle_id].etag == bundle.etag

    def _put_at(self, bundle_id: str) -> float:
        return self._postbox.envelopes[bundle_id].put_at


class Body:
    """The Body port."""

    def __init__(self, call: Call, name: str, stored: Stored) -> None:
        self._call = call
        self._name = name
        self._stored = stored

    def __iter__(self) -> Iterator[bytes]:
        body = self._call("parcels.read", self._name, lambda: self._stored.body)
        if hashlib.sha256(body).hexdigest() != self._stored.sha256:
            raise DamagedError("other bytes than its hash says")
        yield body

    def close(self) -> None:
        """Nothing is open."""


class ReceiverClient:
    """The Receiver port, as one process sees it. A status means what the adapter of `http` says that it means."""

    def __init__(
        self, call: CallUntil, pause: Callable[[float], None], process: CourierProcess, pushing: Pushing
    ) -> None:
        self._call = call
        self._pause = pause
        self._process = process
        self._receiver = pushing.receiver
        self._invariants = pushing.invariants
        self._world = pushing.world

    def send(self, parcel: Parcel, deadline: float) -> Answer:
        self._invariants.begin_send(self._process, parcel.delivery)
        try:
            answer = self._send(parcel, deadline)
        finally:
            self._process.sending -= 1
        self._invariants.answered(self._process, parcel.delivery, answer)
        return answer

    def answer(self, reply: Reply) -> Answer:
        """What an answer with a status means."""
        assert reply.status is not None, "there is an answer"
        headers = {b"retry-after": b"%d" % reply.retry_after} if reply.retry_after else {}
        return answer_of_status(reply.status, headers, self._world.now)

    def _send(self, parcel: Parcel, deadline: float) -> Answer:
        body = b"".join(parcel.body)
        try:
            reply: Reply = self._post(parcel, body, deadline)
        except Refused:
            return Answer(Meaning.UNREACHABLE, "connection-refused")
        except Unavailable:
            return Answer(Meaning.UNREACHABLE, "timeout")
        left = max(deadline - self._world.now, 0.0)
        if reply.status is None or reply.seconds > left:
            self._pause(left)
            return Answer(Meaning.UNREACHABLE, "timeout")
        if reply.seconds:
            self._pause(reply.seconds)
        if reply.status == 0:
            return Answer(Meaning.UNREACHABLE, "connection-refused")
        return self.answer(reply)

    def _post(self, parcel: Parcel, body: bytes, deadline: float) -> Reply:
        delivery, sha256 = parcel.delivery, parcel.sha256

        def effect() -> Reply:
            return self._receiver.post(delivery, sha256, body)

        return self._call("receiver.post", about(delivery), effect, deadline)


def _holder(lease: Lease) -> str:
    return f"generation {lease.generation}"
