"""The lease: of several consumers of one mailbox one works, and another takes over when it stops.

No clock of one machine is compared with another's. The holder renews the lease by writing a higher beat; it may work
until `seconds` after it *sent* the last renewal that it knows took effect. A waiting consumer takes over when it has
*seen* the same beat for a quarter longer than that, and on the condition that it still is the same. The clock by which
each measures goes on while the process is stopped and while the machine sleeps.

Since the ledger of each host knows only what that host delivered, the table also has an item for each delivery: written
before its first file is published, and again when the last one is. A host that finds a delivery of another host

- finished, delivers nothing and deletes the bundle from the mailbox;
- begun, cannot know how many of the files lie on the other host. It delivers all of them and names the bundle. So a
  take-over loses nothing, and brings twice at the most what was published of this one bundle.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from secrets import token_hex
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from baler.files.ledger.ledger import LedgerEntry

DEFAULT_LEASE_SECONDS: Final = 30.0
# The holder renews this many times in the life of a lease; a waiting consumer reads it twice as often.
_RENEWALS: Final = 3
# How much longer than its life a lease must stand still for others: what clocks may differ in rate, and more.
_PATIENCE: Final = 1.25


class LeaseError(Exception):
    """The lease table cannot be used now; the message is a sentence for the operator."""


class LeaseRefusedError(LeaseError):
    """The lease table refuses us: no such table, no permission. Someone has to set something right."""


class LeaseLostError(Exception):
    """Another consumer may be at work by now: this one must publish and delete nothing."""


@dataclass(frozen=True, slots=True)
class LeaseItem:
    """The lease as it stands in the table.

    Attributes:
        owner: of the process that holds it; empty where it was let go of.
        host: its machine, for people.
        generation: one more with every take-over.
        beat: one more with every renewal.
    """

    owner: str
    host: str
    generation: int
    beat: int


@dataclass(frozen=True, slots=True)
class Earlier:
    """Another host's delivery of a bundle: by which host, and whether it was finished."""

    host: str
    delivered: bool


class LeaseTable(Protocol):
    """Where the lease stands. Every method raises LeaseError; what was to be written may then be written or not."""

    def read(self) -> LeaseItem | None:
        """Read the lease, strongly consistent; None where there never was one."""
        ...

    def write(self, item: LeaseItem, *, expected: LeaseItem | None) -> bool:
        """Write the lease if it still is what is expected; return whether it was."""
        ...

    def begin(self, delivery: str, consumer: str, host: str) -> Earlier | None:
        """Note that a consumer begins a delivery, unless it is finished; return what another one noted before."""
        ...

    def end(self, delivery: str, consumer: str, host: str) -> None:
        """Note that a delivery is finished."""
        ...


class Lease(Protocol):
    """What decides which consumer works."""

    @property
    def renewal_seconds(self) -> float | None:
        """How often `renew_if_due` must be called, waiting or working; None where it need not."""
        ...

    @property
    def holder(self) -> str:
        """The machine that held the lease when it was last read, for people."""
        ...

    def hold(self) -> bool:
        """Take the lease, or go on holding it; return whether this consumer is the one that works."""
        ...

    def renew_if_due(self) -> None:
        """Renew the lease when that is due: called often, so that a consumer that hangs loses it.

        Raises:
            LeaseLostError: it is not ours any more.
        """
        ...

    def check(self) -> None:
        """Make sure, right before something is published or deleted, that nobody else can be at work; in any thread.

        Raises:
            LeaseLostError: it is not ours any more.
        """
        ...

    def begin(self, entry: LedgerEntry) -> Earlier | None:
        """Note that a bundle is about to be published; return what another host noted of it before."""
        ...

    def end(self, entry: LedgerEntry) -> None:
        """Note that every file of a bundle is published."""
        ...

    def release(self) -> None:
        """Let go of it, so that another need not wait."""
        ...


class SoleConsumer:
    """The lease of a consumer that has no other beside it, as its operator promises."""

    renewal_seconds: float | None = None
    holder: str = ""

    def hold(self) -> bool:
        """Work."""
        return True

    def renew_if_due(self) -> None:
        """Nothing to renew."""

    def check(self) -> None:
        """Nobody else can be at work."""

    def begin(self, entry: LedgerEntry) -> Earlier | None:  # noqa: ARG002 - the protocol's
        """Nobody else delivers."""
        return None

    def end(self, entry: LedgerEntry) -> None:
        """Nobody asks."""

    def release(self) -> None:
        """Nobody waits."""


def running_seconds() -> float:
    """Read a clock that only goes forwards, also while the process is stopped and the machine sleeps.

    Linux's CLOCK_MONOTONIC stands still in sleep, CLOCK_BOOTTIME does not (clock_gettime(2)); macOS's monotonic clock
    is the nearest thing there.
    """
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


class StandbyLease:
    """One consumer's view of the lease.

    Args:
        table: where it stands.
        consumer: this host's ledger, whichever process has it open.
        host: this machine, for people.
        seconds: how long it lasts without a renewal.
        clock: seconds.
    """

    def __init__(
        self,
        table: LeaseTable,
        consumer: str,
        host: str,
        seconds: float = DEFAULT_LEASE_SECONDS,
        clock: Callable[[], float] = running_seconds,
    ) -> None:
        self._table = table
        self._consumer = consumer
        self._host = host
        self._seconds = seconds
        self._clock = clock
        self._owner = f"{consumer}-{token_hex(4)}"
        self._held: LeaseItem | None = None
        self._valid_until = self._renew_at = 0.0
        self._watched: LeaseItem | None = None
        self._watched_since = 0.0

    @property
    def renewal_seconds(self) -> float | None:
        """How often it looks at the lease, waiting or working."""
        return self._seconds / _RENEWALS / 2

    @property
    def holder(self) -> str:
        """The machine that held the lease when it was last read."""
        return self._watched.host if self._watched is not None else "unknown"

    def hold(self) -> bool:
        """Take the lease if it is free, or has stood still for long enough, or go on holding it."""
        if self._held is not None:
            try:
                self.renew_if_due()
            except LeaseLostError:
                self._held = None  # and perhaps to be had again
            else:
                return True
        seen = self._table.read()
        now = self._clock()
        if seen is not None and seen.owner not in {"", self._owner}:
            if seen != self._watched:
                self._watched, self._watched_since = seen, now
                return False
            if now - self._watched_since < self._seconds * _PATIENCE:
                return False
        generation = 1 if seen is None else seen.generation + 1
        return self._write(LeaseItem(self._owner, self._host, generation, 0), expected=seen)

    def renew_if_due(self) -> None:
        """Renew the lease when that is due."""
        self.check()
        if self._held is None or self._clock() < self._renew_at:
            return
        try:
            if self._write(replace(self._held, beat=self._held.beat + 1), expected=self._held):
                return
            # An earlier renewal, of which nothing was heard, may have taken effect.
            seen = self._table.read()
            ours = seen is not None and (seen.owner, seen.generation) == (self._held.owner, self._held.generation)
            if seen is not None and ours and self._write(replace(seen, beat=seen.beat + 1), expected=seen):
                return
        except LeaseError:
            # It is ours until it runs out.
            self._renew_at = self._clock() + self._seconds / _RENEWALS / 2
            return
        self._held = None
        raise LeaseLostError("Another consumer has taken over.")

    def check(self) -> None:
        """Raise LeaseLostError where the lease may have run out.

        It changes nothing, since other threads ask too, perhaps while it is being renewed.
        """
        if self._held is None or self._clock() >= self._valid_until:
            raise LeaseLostError("The lease ran out: it could not be renewed in time.")

    def begin(self, entry: LedgerEntry) -> Earlier | None:
        """Note the delivery, which another host may have begun or finished."""
        return self._table.begin(_delivery(entry), self._consumer, self._host)

    def end(self, entry: LedgerEntry) -> None:
        """Note that the delivery is finished."""
        self._table.end(_delivery(entry), self._consumer, self._host)

    def release(self) -> None:
        """Let go of the lease, if it is ours and the table answers."""
        if self._held is not None:
            held, self._held = self._held, None
            self._table.write(replace(held, owner="", beat=held.beat + 1), expected=held)

    def _write(self, item: LeaseItem, *, expected: LeaseItem | None) -> bool:
        sent = self._clock()
        if not self._table.write(item, expected=expected):
            return False
        self._held, self._watched = item, None
        self._valid_until = sent + self._seconds
        self._renew_at = sent + self._seconds / _RENEWALS
        return True


def _delivery(entry: LedgerEntry) -> str:
    return f"{entry.bundle_id} {entry.replay_id or ''}".strip()
