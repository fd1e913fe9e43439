"""What the courier needs from the outside.

Calls to the mailbox and to the table may raise Unavailable or Refused (baler/store_errors.py). A receiver raises
nothing: whatever becomes of an attempt is an Answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from baler.files.courier.answer import Answer
    from baler.files.courier.breaker import Breaker
    from baler.files.courier.delivery_record import DeliveryId, DeliveryRecord
    from baler.files.courier.lease import Lease

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class WaitingBundle:
    """A bundle in the mailbox, as a listing shows it.

    Attributes:
        bundle_id: by which bundles sort in the order of their creation.
        etag: of the object: what is removed is what was delivered.
        size: bytes.
        put_at: when it was put there, seconds since the epoch.
    """

    bundle_id: str
    etag: str
    size: int
    put_at: float


@dataclass(frozen=True, slots=True)
class Parcel:
    """A bundle that is being sent.

    Attributes:
        delivery: what it is, to the receiver.
        sha256: of its bytes, 64 hexadecimal digits.
        file_count: files in it.
        size: bytes of the body.
        oldest_event_at: when the oldest of its files landed, seconds since the epoch; None where that is unknown.
        body: its bytes, in pieces. Who opened the parcel closes it.
    """

    delivery: DeliveryId
    sha256: str
    file_count: int
    size: int
    oldest_event_at: float | None
    body: Body


class Body(Protocol):
    """The bytes of a bundle, which are read once."""

    def __iter__(self) -> Iterator[bytes]:
        """Yield pieces of at most 128 KiB; the last one only if all were what the metadata promise.

        Raises:
            Unavailable: the mailbox broke off.
            DamagedError: the bytes are not those that were promised. The last piece was not handed out.
        """
        ...

    def close(self) -> None:
        """Leave off; harmless at the end."""
        ...


class GoneError(Exception):
    """The bundle is no longer in the mailbox, or another one lies under its key: look again."""


class DamagedError(Exception):
    """The object in the mailbox cannot be a bundle of ours; the message says why. It is never sent."""


class Mailbox(Protocol):
    """The distribution bucket."""

    def waiting(self) -> Iterator[WaitingBundle]:
        """Yield the bundles that wait, oldest first, by pages: who reads the first few asks for one page."""
        ...

    def open(self, bundle: WaitingBundle) -> Parcel:
        """Ask for a bundle, of the ETag that was listed.

        Raises:
            GoneError: it is not there any more.
            DamagedError: its metadata are none of a bundle's.
        """
        ...

    def remove(self, bundle: WaitingBundle) -> None:
        """Delete a bundle if it is still the one that was listed; harmless where it is gone."""
        ...

    def quarantine(self, bundle: WaitingBundle, reason: str) -> None:
        """Move a bundle to the side prefix, which listing, bell and alarms of the mailbox leave out."""
        ...


class Receiver(Protocol):
    """Who gets the bundles."""

    def send(self, parcel: Parcel, deadline: float) -> Answer:
        """Send a parcel once, all of it over by the deadline (seconds since the epoch).

        A second attempt within the call is made in one case alone: other credentials, after a refusal of the first.
        What the parcel's body raises ends the attempt with a cut connection. It may pass through or become any answer:
        the courier watches the body itself, and knows that this was not the receiver's fault.
        """
        ...


class CourierTable(Protocol):
    """The lease, the breaker and the records, in a table of the courier's own. Reads are strongly consistent."""

    def acquire(self, owner: str, now: float) -> Lease | None:
        """Take the lease if nobody holds one that lasts beyond `now`; None where somebody does."""
        ...

    def ring(self) -> Breaker:
        """Make the holder look once more before it releases the lease; return the breaker's state as it stands."""
        ...

    def renew(self, lease: Lease, now: float) -> Lease:
        """Prove the lease and prolong it; the bells in the answer are those rung so far.

        Raises:
            FencedError: it is another's.
        """
        ...

    def release(self, lease: Lease, *, bells: int | None) -> bool:
        """Give the lease back; False, and it stays, where more bells rang than `bells`. None releases it anyway.

        Raises:
            FencedError: it is another's.
        """
        ...

    def save(self, lease: Lease, breaker: Breaker) -> None:
        """Store the breaker's state.

        Raises:
            FencedError: the lease is another's.
        """
        ...

    def record(self, delivery: DeliveryId) -> DeliveryRecord | None:
        """Return what is known of a delivery."""
        ...

    def note(self, record: DeliveryRecord) -> None:
        """Write what is known of a delivery; a receipt is never replaced by less."""
        ...


class Crew(Protocol):
    """Runs sends beside each other."""

    def together(self, sends: Sequence[Callable[[], T]], meanwhile: Callable[[], None]) -> list[T]:
        """Return the results in order; `meanwhile` is called at least every 10 s until all are there.

        What `meanwhile` raises is raised once all sends are over.
        """
        ...
