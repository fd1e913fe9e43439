"""The courier's world in memory: a clock, a mailbox, a table and a receiver, whose every call a test can spoil."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from baler.files.bundle.ids import new_bundle_id
from baler.files.courier.answer import Answer, Meaning
from baler.files.courier.breaker import Breaker, BreakerLimits
from baler.files.courier.delivery_record import DeliveryId, DeliveryRecord
from baler.files.courier.lease import LEASE_SECONDS, FencedError, Lease
from baler.store_errors import Unavailable
from runtime.files.courier.courier import Courier
from runtime.files.courier.limits import CourierLimits
from runtime.files.courier.ports import DamagedError, GoneError, Parcel, WaitingBundle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from runtime.files.courier.run_report import RunReport

T = TypeVar("T")

NOW = 1_795_165_262.0
LIMITS = CourierLimits(
    breaker=BreakerLimits(failures_to_open=3, probe_interval_seconds=30),
    send_timeout_seconds=30,
    parallel_sends=4,
    refusal_tries=3,
)
ACCEPTED = Answer(Meaning.ACCEPTED, "200", 200)
REFUSED = Answer(Meaning.REFUSED, "422", 422)
BUSY = Answer(Meaning.BUSY, "503", 503)
TIMEOUT = Answer(Meaning.UNREACHABLE, "timeout")
MISPLACED = Answer(Meaning.MISPLACED, "404", 404)
UNAUTHORIZED = Answer(Meaning.UNAUTHORIZED, "401", 401)


class DiedError(BaseException):
    """The process was killed here."""


@dataclass
class Stored:
    """An object in the mailbox."""

    body: bytes
    put_at: float
    replay_id: str = ""
    sha256: str = ""
    etag: str = ""

    def __post_init__(self) -> None:
        self.etag = self.etag or hashlib.md5(self.body, usedforsecurity=False).hexdigest()
        self.sha256 = self.sha256 or hashlib.sha256(self.body).hexdigest()


@dataclass
class CourierWorld:
    """All of it.

    Attributes:
        now: seconds since the epoch; pauses and sends move it.
        objects, quarantine: in the mailbox, by bundle id.
        reasons: of what was set aside.
        item: the lease, and until when; breaker and bells.
        records: of deliveries, by name.
        answers: decides what the receiver says to a parcel whose bytes it has read; it may move the clock.
        received: deliveries whose bytes the receiver read to their end, by name.
        calls: every call, by name.
        spoil: is asked before and after each call, with its number; it may raise, or do what others do.
        pauses: seconds, each.
        owners: names that were given.
        closed: bodies that were closed.
    """

    limits: CourierLimits = LIMITS
    now: float = NOW
    objects: dict[str, Stored] = field(default_factory=dict[str, Stored])
    quarantine: dict[str, Stored] = field(default_factory=dict[str, Stored])
    reasons: dict[str, str] = field(default_factory=dict[str, str])
    owner: str = ""
    generation: int = 0
    lease_until: float = 0.0
    bells: int = 0
    breaker: Breaker = field(default_factory=Breaker)
    records: dict[str, DeliveryRecord] = field(default_factory=dict[str, DeliveryRecord])
    answers: Callable[[Parcel], Answer] = lambda _: ACCEPTED
    received: list[str] = field(default_factory=list[str])
    calls: list[str] = field(default_factory=list[str])
    spoil: Callable[[int, str, bool], None] = lambda _number, _name, _after: None
    pauses: list[float] = field(default_factory=list[float])
    owners: int = 0
    closed: int = 0

    def put(self, count: int = 1, replay_id: str = "") -> list[str]:
        """Put bundles there, each a second younger."""
        made: list[str] = []
        for _ in range(count):
            number = len(self.objects) + len(self.records) + len(self.quarantine)
            bundle_id = new_bundle_id(NOW + number, number.to_bytes(8, "big"))
            self.objects[bundle_id] = Stored(b"bundle %d " % number * 1000, self.now, replay_id)
            made.append(bundle_id)
        return made

    def courier(self) -> Courier:
        """Start an invocation."""
        return Courier(
            mailbox=_Mailbox(self),
            receiver=_Receiver(self),
            table=_Table(self),
            crew=_Crew(),
            limits=self.limits,
            clock=lambda: self.now,
            pause=self.pause,
            new_owner=self.new_owner,
        )

    def run(self, seconds: float = 900) -> RunReport:
        """Run a courier that has so many seconds."""
        return self.courier().run(self.now + seconds)

    def pause(self, seconds: float) -> None:
        """Wait."""
        self.pauses.append(seconds)
        self.now += seconds

    def new_owner(self) -> str:
        """Return the next name."""
        self.owners += 1
        return f"courier-{self.owners}"

    def receipts(self) -> list[str]:
        """Return the names of all deliveries that have one."""
        return sorted(name for name, record in self.records.items() if record.is_receipt)

    def call(self, name: str, effect: Callable[[], T]) -> T:
        """Make a call."""
        number = len(self.calls)
        self.calls.append(name)
        self.spoil(number, name, False)
        answer = effect()
        self.spoil(number, name, True)
        return answer


class _Table:
    def __init__(self, world: CourierWorld) -> None:
        self._world = world

    def acquire(self, owner: str, now: float) -> Lease | None:
        def effect() -> Lease | None:
            world = self._world
            if world.lease_until > now and world.owner != owner:
                return None
            if world.owner != owner:
                world.generation += 1
            world.owner, world.lease_until = owner, now + LEASE_SECONDS
            return self._lease()

        return self._world.call("acquire", effect)

    def ring(self) -> Breaker:
        def effect() -> Breaker:
            self._world.bells += 1
            return self._world.breaker

        return self._world.call("ring", effect)

    def renew(self, lease: Lease, now: float) -> Lease:
        def effect() -> Lease:
            self._prove(lease)
            self._world.lease_until = now + LEASE_SECONDS
            return self._lease()

        return self._world.call("renew", effect)

    def release(self, lease: Lease, *, bells: int | None) -> bool:
        def effect() -> bool:
            self._prove(lease)
            if bells is not None and self._world.bells != bells:
                return False
            self._world.lease_until = 0.0
            return True

        return self._world.call("release", effect)

    def save(self, lease: Lease, breaker: Breaker) -> None:
        def effect() -> None:
            self._prove(lease)
            self._world.breaker = breaker

        self._world.call("save", effect)

    def record(self, delivery: DeliveryId) -> DeliveryRecord | None:
        return self._world.call("record", lambda: self._world.records.get(delivery.name))

    def note(self, record: DeliveryRecord) -> None:
        def effect() -> None:
            known = self._world.records.get(record.delivery.name)
            if known is None or not known.is_receipt:
                self._world.records[record.delivery.name] = record

        self._world.call("note", effect)

    def _prove(self, lease: Lease) -> None:
        if (self._world.owner, self._world.generation) != (lease.owner, lease.generation):
            raise FencedError

    def _lease(self) -> Lease:
        world = self._world
        return Lease(world.owner, world.generation, world.bells, world.breaker)


class _Mailbox:
    def __init__(self, world: CourierWorld) -> None:
        self._world = world

    def waiting(self) -> Iterator[WaitingBundle]:
        listed = self._world.call("list", lambda: sorted(self._world.objects.items()))
        for bundle_id, stored in listed:
            yield WaitingBundle(bundle_id, stored.etag, len(stored.body), stored.put_at)

    def open(self, bundle: WaitingBundle) -> Parcel:
        def effect() -> Parcel:
            stored = self._meant(bundle)
            if stored is None:
                raise GoneError
            if stored.sha256 == "none":
                raise DamagedError("no-hash")
            delivery = DeliveryId(bundle.bundle_id, stored.replay_id)
            body = _Body(self._world, stored)
            return Parcel(delivery, stored.sha256, 1, len(stored.body), stored.put_at - 10, body)

        return self._world.call("open", effect)

    def remove(self, bundle: WaitingBundle) -> None:
        def effect() -> None:
            if self._meant(bundle) is not None:
                del self._world.objects[bundle.bundle_id]

        self._world.call("remove", effect)

    def quarantine(self, bundle: WaitingBundle, reason: str) -> None:
        def effect() -> None:
            stored = self._meant(bundle)
            if stored is not None:
                self._world.quarantine[bundle.bundle_id] = self._world.objects.pop(bundle.bundle_id)
                self._world.reasons[bundle.bundle_id] = reason

        self._world.call("quarantine", effect)

    def _meant(self, bundle: WaitingBundle) -> Stored | None:
        stored = self._world.objects.get(bundle.bundle_id)
        return stored if stored and (stored.etag, stored.put_at) == (bundle.etag, bundle.put_at) else None


class _Body:
    """Bytes in three pieces; the last is held back unless all have their hash."""

    def __init__(self, world: CourierWorld, stored: Stored) -> None:
        self._world = world
        self._stored = stored

    def __iter__(self) -> Iterator[bytes]:
        body = self._stored.body
        third = len(body) // 3
        yield body[:third]
        self._world.call("read", lambda: None)
        yield body[third : 2 * third]
        if hashlib.sha256(body).hexdigest() != self._stored.sha256:
            raise DamagedError("hash-mismatch")
        yield body[2 * third :]

    def close(self) -> None:
        self._world.closed += 1


class _Receiver:
    def __init__(self, world: CourierWorld) -> None:
        self._world = world

    def send(self, parcel: Parcel, deadline: float) -> Answer:
        world = self._world

        def effect() -> Answer:
            read = b"".join(parcel.body)
            assert hashlib.sha256(read).hexdigest() == parcel.sha256, "a damaged bundle was complete on the wire"
            answer = world.answers(parcel)
            assert world.now <= deadline, "a send that outlasts its deadline is none of a receiver's"
            if answer.meaning is Meaning.ACCEPTED:
                world.received.append(parcel.delivery.name)
            return answer

        return world.call("send", effect)


class _Crew:
    """One send after the other, and the renewal after each."""

    def together(self, sends: Sequence[Callable[[], T]], meanwhile: Callable[[], None]) -> list[T]:
        results: list[T] = []
        for send in sends:
            results.append(send())
            meanwhile()
        return results


def unavailable_at(number: int, *, after: bool) -> Callable[[int, str, bool], None]:
    """Spoil one call: its answer is lost, or it never gets there."""

    def spoil(this: int, name: str, is_after: bool) -> None:  # noqa: FBT001 - the hook's
        if (this, is_after) == (number, after):
            raise Unavailable(name)

    return spoil


def dying_at(number: int, *, after: bool) -> Callable[[int, str, bool], None]:
    """Kill the process at one call."""

    def spoil(this: int, _name: str, is_after: bool) -> None:  # noqa: FBT001 - the hook's
        if (this, is_after) == (number, after):
            raise DiedError

    return spoil


def with_limits(**changed: float) -> CourierLimits:
    """Return the limits of the tests, but for some."""
    breaker = {name: value for name, value in changed.items() if hasattr(LIMITS.breaker, name)}
    others = {name: value for name, value in changed.items() if name not in breaker}
    return replace(LIMITS, breaker=replace(LIMITS.breaker, **breaker), **others)  # pyright: ignore[reportArgumentType]
