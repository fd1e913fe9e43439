"""What can go wrong at a call, and at which calls."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple

from simulation.push import Delivery


class Kind(Enum):
    """What goes wrong; the value is how a schedule reads."""

    PAUSE = "held up before it"
    LINGER = "held up after it"
    ZOMBIE = "held up before it, and lives on past its deadline"
    CRASH_BEFORE = "dies before it"
    CRASH_AFTER = "dies after it took effect"
    CRASH_LATE = "dies during it, and it takes effect later"
    REFUSED = "refused, without effect"
    FORBIDDEN = "refused, and so is every such call for some time"
    UNDONE = "not answered, without effect"
    UNANSWERED = "not answered, but took effect"
    LATE = "not answered, and takes effect later"
    HANG = "hangs until its time is over, and takes effect later"
    RETRIED = "answered by a retry, which finds that the first try took effect"
    ECHO = "answered by a retry; the first try takes effect later, once more"
    OUTAGE = "the store refuses this and every call"
    REDELIVER = "the messages stay visible to others"
    REORDER = "the newest messages come first"


@dataclass(frozen=True, slots=True)
class Decision:
    """Something that goes wrong.

    Attributes:
        kind: what.
        seconds: how long or how late; see DURATIONS.
    """

    kind: Kind
    seconds: float = 0.0


class Point(NamedTuple):
    """A call's address in a schedule; it stays the same when things are left out that have nothing to do with it.

    Attributes:
        actor: who makes it.
        call: its name, and the file that it is about, if it is about one.
        number: how often that one made such a call, this one included.
    """

    actor: str
    call: str
    number: int


_DEATHS: Final = (Kind.CRASH_BEFORE, Kind.CRASH_AFTER)
_FAILURES: Final = (Kind.REFUSED, Kind.FORBIDDEN, Kind.UNDONE, Kind.HANG, Kind.OUTAGE)
_READ: Final = (*_DEATHS, Kind.LINGER, Kind.ZOMBIE, *_FAILURES)
_WRITE: Final = (*_READ, Kind.CRASH_LATE, Kind.UNANSWERED, Kind.LATE, Kind.RETRIED, Kind.ECHO)
_SENT: Final = (*_DEATHS, Kind.CRASH_LATE, Kind.REFUSED, Kind.UNANSWERED, Kind.LATE, Kind.RETRIED, Kind.ECHO)

# By a call's name, which begins with its store's. The consumer's disk and ledger answer, or their process dies.
_OF_FILES: Final[dict[str, tuple[Kind, ...]]] = {
    "queue.receive": (*_DEATHS, Kind.REDELIVER, Kind.REORDER),
    "queue.set_visibility": (*_DEATHS, Kind.REFUSED, Kind.UNDONE, Kind.UNANSWERED, Kind.LATE),
    "queue.delete": (*_DEATHS, Kind.UNDONE, Kind.UNANSWERED, Kind.LATE),
    "dead.send": (*_DEATHS, Kind.CRASH_LATE, *_FAILURES, Kind.UNANSWERED, Kind.LATE, Kind.RETRIED, Kind.ECHO),
    "landing.get": _READ,
    "table.insert": _WRITE,
    "table.claim": _WRITE,
    "table.take_over": _WRITE,
    "table.give_back": _WRITE,
    "table.read_claim": _READ,
    "table.bundle": _READ,
    "table.record": _WRITE,
    "table.reject": (*_DEATHS, Kind.REFUSED, Kind.UNDONE),
    "journal.entry": (*_DEATHS, *_FAILURES),
    "journal.ended": (*_DEATHS, *_FAILURES),
    "journal.write": (*_DEATHS, *_FAILURES, Kind.CRASH_LATE, Kind.UNANSWERED, Kind.LATE),
    "journal.end": (*_DEATHS, *_FAILURES, Kind.CRASH_LATE, Kind.UNANSWERED, Kind.LATE),
    "table.read": _READ,
    "landing.list": _READ,
    "queue.depth": (*_DEATHS, Kind.REFUSED),
    "queue.send": _SENT,
    "progress.load": (*_DEATHS, Kind.REFUSED),
    "progress.save": _SENT,
    "archive.put": _WRITE,
    "archive.fence": _WRITE,
    "archive.head": _READ,
    "mailbox.put": _WRITE,
    "mailbox.copy": _WRITE,
}
_OF_PULL: Final[dict[str, tuple[Kind, ...]]] = {
    "mailbox.list": (*_DEATHS, Kind.UNDONE, Kind.OUTAGE),
    "mailbox.get": (*_DEATHS, Kind.LINGER, Kind.UNDONE),
    "mailbox.delete": (*_DEATHS, Kind.CRASH_LATE, Kind.UNDONE, Kind.UNANSWERED, Kind.LATE, Kind.ECHO),
    "disk.publish": _DEATHS,
    "ledger.unpacked": _DEATHS,
    "ledger.delivered": _DEATHS,
    "ledger.removed": _DEATHS,
}
# The courier's: its table, its half of the mailbox, and the receiver, of which more goes wrong in its moods.
_OF_PUSH: Final[dict[str, tuple[Kind, ...]]] = {
    "courier.acquire": _WRITE,
    "courier.ring": _WRITE,
    "courier.renew": _WRITE,
    "courier.release": _WRITE,
    # A first try that takes effect after its retry brings back the state before the last one, under the same lease: a
    # probe or a bundle set aside too many, until the next answer. The table has no condition against that.
    "courier.save": tuple(kind for kind in _WRITE if kind is not Kind.ECHO),
    "courier.record": _READ,
    "courier.note": _WRITE,
    "parcels.list": _READ,
    "parcels.get": _READ,
    "parcels.read": _READ,
    "parcels.head": _READ,
    "parcels.remove": _WRITE,
    # Few bundles are set aside, so that not all can go wrong there that could.
    "parcels.copy": (*_DEATHS, Kind.CRASH_LATE, Kind.ZOMBIE, Kind.UNDONE, Kind.UNANSWERED, Kind.LATE, Kind.ECHO),
    "parcels.set_aside": (*_DEATHS, Kind.CRASH_LATE, Kind.UNDONE, Kind.UNANSWERED, Kind.LATE),
    "receiver.post": _WRITE,
}
POSSIBLE: Final = {**_OF_FILES, **_OF_PULL, **_OF_PUSH}
CALLS: Final = {Delivery.PULL: (*_OF_FILES, *_OF_PULL), Delivery.PUSH: (*_OF_FILES, *_OF_PUSH)}
"""The calls that are made, by how bundles leave the mailbox."""

# A lease ends 48 s after its invocation began, and a request that its sender did not live to see answered takes
# effect within 30 s of that: LEASE_MARGIN_SECONDS. The longest here break that promise, and must do no harm.
_DELAYS: Final = (0.5, 3.0, 10.0, 29.0, 60.0, 150.0)
LONGEST_DELAY: Final = max(_DELAYS)
_ANSWERS: Final = (0.1, 0.1, 5.0, 9.0)

# What a schedule's pauses are drawn from: turns alone, or time too, up to more than a deadline.
HELD_UP: Final = ((0.0,), (0.0, 0.0, 0.5, 4.0), (0.0, 0.0, 1.0, 9.0, 14.0, 17.0, 25.0))

DURATIONS: Final[dict[Kind, tuple[float, ...]]] = {
    Kind.LINGER: (0.0, 1.0, 17.0),
    Kind.ZOMBIE: (21.0, 40.0, 52.0, 80.0, 140.0, 200.0),
    Kind.CRASH_LATE: _DELAYS,
    Kind.REFUSED: _ANSWERS,
    Kind.FORBIDDEN: (1.0, 60.0, 600.0, 2000.0),
    Kind.UNDONE: _ANSWERS,
    Kind.HANG: _DELAYS,
    Kind.UNANSWERED: _ANSWERS,
    Kind.LATE: _DELAYS,
    Kind.ECHO: _DELAYS,
    Kind.OUTAGE: (1.0, 12.0, 60.0, 180.0),
}
