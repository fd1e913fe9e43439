"""Where a schedule's decisions come from: drawn from a seed as it runs, or written down."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final, Protocol

from simulation.faults import DURATIONS, HELD_UP, POSSIBLE, Decision, Kind, Point

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PAUSE_RATES: Final = (0.02, 0.15, 0.3, 0.6)
_FAULT_RATES: Final = (0.01, 0.05, 0.1, 0.2)
# At the calls that a seed prefers, for either.
_PREFERRED_RATE: Final = 0.4
MOST_PREFERRED: Final = 4
# A schedule ends: after so many decisions nothing goes wrong any more.
_MOST_PAUSES: Final = 40
MOST_FAULTS: Final = 10


class Plan(Protocol):
    """Decides, call by call."""

    def decide(self, point: Point, name: str) -> Decision | None:
        """Return what goes wrong at a call; None where it goes well."""
        ...


class Chaos:
    """Draws decisions at the given calls.

    Each seed leaves some kinds of fault out, and prefers some calls to hold up or to let fail, so that schedules differ
    in character: what only does harm together meets more often than if all were drawn alike ("swarm testing", Groce et
    al., ISSTA 2012).
    """

    def __init__(
        self,
        seed: int,
        calls: Sequence[str],
        possible: Mapping[str, tuple[Kind, ...]] = POSSIBLE,
        most_faults: int = MOST_FAULTS,
        most_preferred: int = MOST_PREFERRED,
    ) -> None:
        self._calls = calls
        self._most_preferred = most_preferred
        self._possible = possible
        self._random = random.Random(seed)  # noqa: S311 - a schedule, no secret
        self._pause_rate = self._random.choice(_PAUSE_RATES)
        self._fault_rate = self._random.choice(_FAULT_RATES)
        self._pausing = self._some_calls()
        self._failing = self._some_calls()
        self._held_up = self._random.choice(HELD_UP)
        self._pauses = _MOST_PAUSES
        self._faults = self._random.randint(1, most_faults)
        self._kinds = frozenset(self._random.sample(_FAULTS, self._random.randint(1, len(_FAULTS))))
        self.decisions: dict[Point, Decision] = {}

    def decide(self, point: Point, name: str) -> Decision | None:
        drawn = self._random.random()
        pause_rate = _PREFERRED_RATE if name in self._pausing else self._pause_rate
        if drawn >= pause_rate + (_PREFERRED_RATE if name in self._failing else self._fault_rate):
            return None
        if drawn < pause_rate:
            if self._pauses == 0:
                return None
            self._pauses -= 1
            decision = Decision(Kind.PAUSE, self._random.choice(self._held_up))
        else:
            kinds = [kind for kind in self._possible[name] if kind in self._kinds]
            if self._faults == 0 or not kinds:
                return None
            self._faults -= 1
            kind = self._random.choice(kinds)
            decision = Decision(kind, self._random.choice(DURATIONS[kind]) if kind in DURATIONS else 0.0)
        self.decisions[point] = decision
        return decision

    def _some_calls(self) -> frozenset[str]:
        return frozenset(self._random.sample(self._calls, self._random.randint(0, self._most_preferred)))


_FAULTS: Final = tuple(kind for kind in Kind if kind is not Kind.PAUSE)


class Script:
    """Decisions that are written down."""

    def __init__(self, decisions: Mapping[Point, Decision]) -> None:
        self._decisions = decisions

    def decide(self, point: Point, name: str) -> Decision | None:
        del name
        return self._decisions.get(point)
