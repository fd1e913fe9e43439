"""A stack that pushes its bundles: what is mailed beside the files that land, and how the receiver is meanwhile."""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final

# Seconds; what the stacks have.
SEND_SECONDS: Final = 30.0
TICK_SECONDS: Final = 60.0

FIRST_NUMBER: Final = 1000
"""Of the parcels' bundles: those of the aggregators count from 1."""

_TIMEOUTS: Final = (300.0, 900.0)
_PROBE_INTERVALS: Final = (10.0, 30.0, 60.0)
_BELL_DELAYS: Final = (0.0, 0.0, 0.4, 2.0, None)
_MAILED_AFTER: Final = (0.0, 0.0, 0.0, 0.0, 3.0, 40.0, 150.0)
_BUNDLES: Final = (1, 1, 2, 3, 4, 6, 12)
_SPELL_SECONDS: Final = (0.5, 5.0, 40.0, 100.0, 200.0)
_DAYS_AWAY: Final = (None, None, None, None, 1, 8)
_REPLAYED_AFTER: Final = (10.0, 200.0, 400.0, 900.0)


class Delivery(StrEnum):
    """How bundles leave the mailbox."""

    PULL = "pull"
    PUSH = "push"


class Mood(Enum):
    """How the receiver answers for some time; the value is how a schedule reads."""

    WELL = "takes bundles"
    SLOW = "takes bundles, and takes long"
    LATE = "keeps a bundle long after its time is over"
    DOWN = "refuses connections"
    SILENT = "does not answer"
    DEAF = "takes bundles, and does not answer"
    FAILING = "answers 500"
    FULL = "fails to keep bundles"
    DYING = "dies when it has kept a bundle"
    BUSY = "answers 503"
    THROTTLING = "answers 429"
    REFUSING = "refuses every bundle"
    MISPLACED = "takes nothing at that address"
    LOCKED = "refuses the credentials"
    ERRATIC = "answers anything"


class Curse(Enum):
    """What is the matter with a bundle; the value is how a schedule reads."""

    NONE = ""
    REFUSED = "refused until it is sent again"
    REFUSED_FOR_EVER = "refused for ever"
    BREAKS = "makes the receiver fail"
    STALLS = "makes the receiver hang"
    FORBIDDEN = "blocked by a firewall in front of the receiver"
    NOT_FOUND = "sent elsewhere by a proxy in front of the receiver"
    NO_HASH = "has no hash"
    WRONG_HASH = "has other bytes than its hash says"

    @property
    def is_refused(self) -> bool:
        """Whether the receiver refuses it for its own sake."""
        return self in {Curse.REFUSED, Curse.REFUSED_FOR_EVER}

    @property
    def is_blocked(self) -> bool:
        """Whether it alone is answered what is said of all: it takes others that pass to find out."""
        return self in {Curse.FORBIDDEN, Curse.NOT_FOUND}

    @property
    def is_damage(self) -> bool:
        """Whether it can never be sent."""
        return self in {Curse.NO_HASH, Curse.WRONG_HASH}

    @property
    def is_stubborn(self) -> bool:
        """Whether it stays in the mailbox for ever, since nobody can tell it from an outage."""
        return self in {Curse.BREAKS, Curse.STALLS}


_CURSES: Final = tuple(curse for curse in Curse if curse is not Curse.NONE)
_CURSED: Final = (0.1, 0.3, 0.6, 1.0)
_OLDEST_BLOCKED: Final = 0.1
"""How often the oldest parcel is what opens the breaker at once: drawn by itself, for it must be before many others."""


@dataclass(frozen=True, slots=True)
class Parcelled:
    """A bundle that is mailed although none of the files that land is in it.

    Attributes:
        number: of the bundle.
        after: when, in seconds from the start.
        curse: what is the matter with it.
        replayed_after: seconds after it was mailed at which a replay puts it there again; None if none does.
    """

    number: int
    after: float
    curse: Curse
    replayed_after: float | None


@dataclass(frozen=True, slots=True)
class Spell:
    """A mood of the receiver, which lasts until the next one.

    Attributes:
        after: when it begins, in seconds from the start.
        mood: how it answers.
        status: what it answers in that mood, where it answers.
        retry_after: the pause that it asks for, in seconds; 0 where it asks for none.
    """

    after: float
    mood: Mood
    status: int = 200
    retry_after: float = 0.0


@dataclass(frozen=True, slots=True)
class Push:
    """What one schedule is about, of pushed deliveries.

    Attributes:
        couriers: how many may run at once.
        timeout: of the function, in seconds.
        parallel_sends, failures_to_open, refusal_tries: the stack's settings.
        probe_interval: the stack's, in seconds.
        bell_delay: seconds from a put to the invocation that its event leads to; None if events get lost.
        tick_after: when the rule invokes first, in seconds from the start.
        parcels: the bundles that are mailed beside those of the files.
        spells: how the receiver is; the last one lasts.
        days_away: a receiver that is not well in the end comes back after so many days; None if it never does.
        without_files: no files land: the parcels are all that is mailed.
        is_quiet: nothing goes wrong but what the receiver does: then all is prompt.
    """

    couriers: int
    timeout: float
    parallel_sends: int
    failures_to_open: int
    refusal_tries: int
    probe_interval: float
    bell_delay: float | None
    tick_after: float
    parcels: tuple[Parcelled, ...]
    spells: tuple[Spell, ...]
    days_away: int | None
    without_files: bool
    is_quiet: bool


def draw_delivery(seed: int) -> Delivery:
    """Draw how bundles leave the mailbox."""
    rng = random.Random(f"delivery {seed}")  # noqa: S311 - a schedule, no secret
    return Delivery.PUSH if rng.random() < 0.3 else Delivery.PULL


def draw_push(seed: int) -> Push:
    """Draw what is mailed and how the receiver is."""
    rng = random.Random(f"push {seed}")  # noqa: S311 - a schedule, no secret
    curses = rng.choice(((), (), (rng.choice(_CURSES),), _CURSES))
    cursed = rng.choice(_CURSED) if curses else 0.0
    blocked = (0,) if rng.random() < _OLDEST_BLOCKED else ()
    return Push(
        couriers=rng.choice((2, 2, 3)),
        timeout=rng.choice(_TIMEOUTS),
        parallel_sends=rng.choice((1, 2, 2, 3)),
        failures_to_open=rng.choice((2, 3, 3, 5)),
        refusal_tries=rng.choice((1, 2, 3)),
        probe_interval=rng.choice(_PROBE_INTERVALS),
        bell_delay=rng.choice(_BELL_DELAYS),
        tick_after=rng.choice((1.0, 20.0, 59.0)),
        parcels=tuple(
            Parcelled(
                number=number,
                after=rng.choice(_MAILED_AFTER),
                curse=_draw_curse(rng, curses, cursed) if number not in blocked else Curse.FORBIDDEN,
                replayed_after=rng.choice(_REPLAYED_AFTER) if rng.random() < 0.1 else None,
            )
            for number in range(rng.choice(_BUNDLES))
        ),
        spells=_draw_spells(rng),
        days_away=rng.choice(_DAYS_AWAY),
        without_files=rng.random() < 0.7,
        is_quiet=rng.random() < 0.2,
    )


def _draw_curse(rng: random.Random, curses: tuple[Curse, ...], cursed: float) -> Curse:
    return rng.choice(curses) if rng.random() < cursed else Curse.NONE


def _draw_spells(rng: random.Random) -> tuple[Spell, ...]:
    """Well at first or not, some bad spells, and in most cases well in the end."""
    spells: list[Spell] = []
    after = 0.0
    if rng.random() < 0.5:
        spells.append(Spell(after, Mood.WELL, rng.choice(_STATUSES[Mood.WELL])))
        after += rng.choice(_SPELL_SECONDS)
    for _ in range(rng.choice((0, 1, 1, 2, 3))):
        mood = rng.choice(tuple(Mood))
        retry_after = rng.choice(_RETRY_AFTER) if mood in {Mood.BUSY, Mood.THROTTLING} else 0.0
        spells.append(Spell(after, mood, rng.choice(_STATUSES.get(mood, (200,))), retry_after))
        after += rng.choice(_SPELL_SECONDS)
    if not spells or rng.random() < 0.9:
        spells.append(Spell(after, Mood.WELL, rng.choice(_STATUSES[Mood.WELL])))
    return tuple(spells)


# What is answered in a mood that has a choice.
_STATUSES: Final[dict[Mood, tuple[int, ...]]] = {
    Mood.WELL: (200, 201, 204),
    Mood.BUSY: (503,),
    Mood.THROTTLING: (429,),
    Mood.FAILING: (500, 502, 507),
    Mood.REFUSING: (400, 413, 422),
    Mood.MISPLACED: (302, 303, 404, 405, 415),
    Mood.LOCKED: (401, 403),
}
_RETRY_AFTER: Final = (0.0, 0.0, 2.0, 90.0, 100_000.0)
# What it answers in turn where it answers anything; 0 is no answer.
ERRATIC: Final = (200, 500, 0, 422, 303, 503, 200, 401, 404, 0)
