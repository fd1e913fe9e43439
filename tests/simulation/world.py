"""The virtual clock and the scheduler: who runs, what arrives, and when nothing is left to do."""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from baler.store_errors import Refused, Unavailable
from simulation.actor import Actor, Killed
from simulation.fibers import start
from simulation.invariants import Harm, Violation
from simulation.workload import START

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from simulation.faults import Decision, Point
    from simulation.plan import Plan

# A schedule takes some 100 steps; one that takes so many will never come to rest.
_MOST_STEPS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Injected:
    """A decision as it was met: when (seconds from the start), at whose call, about what."""

    after: float
    point: Point
    name: str
    subject: str
    decision: Decision


class World:
    """One schedule's time.

    Attributes:
        now: seconds since the epoch.
        steps: calls made so far.
        crashes: processes that died so far.
        injected: what went wrong so far.
        calm: nothing goes wrong any more, and no file kills.
        running: whose turn it is.
        over: an invariant is broken; whoever is in the middle of something is only to leave it.
        trace: a line for each thing that happened, if anybody wants to read it.
    """

    def __init__(self, plan: Plan, *, trace: bool) -> None:
        self.now = START
        self.steps = 0
        self.crashes = 0
        self.injected: list[Injected] = []
        self.running: Actor | None = None
        self.over = False
        self.trace: list[str] | None = [] if trace else None
        self._plan = plan
        self.calm = False
        self._pending: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._outages: dict[str, float] = {}
        self._refusals: dict[str, float] = {}

    def run_until_rest(self, actors: Sequence[Actor]) -> None:
        """Let actors run, each at its time and in turn where several could, until nobody has anything to do.

        Raises:
            Violation: an invariant does not hold.
        """
        turns = list(actors)
        try:
            while True:
                ready, soonest = self._next(turns)
                if ready is not None:
                    turns.remove(ready)
                    turns.append(ready)
                    self._resume(ready)
                elif soonest is None:
                    return
                else:
                    self.now = soonest
                    self.tick(0.0)
        finally:
            self.over = any(actor.fiber is not None for actor in actors)
            for actor in actors:
                if actor.fiber is not None:
                    self._resume(actor)

    def tick(self, seconds: float) -> None:
        """Let time pass, and what was due by then happen."""
        self.now += seconds
        while self._pending and self._pending[0][0] <= self.now:
            heapq.heappop(self._pending)[2]()

    def at(self, due: float, happening: Callable[[], None]) -> None:
        """Let something happen at a time, seconds since the epoch."""
        heapq.heappush(self._pending, (due, next(self._order), happening))

    def later(self, seconds: float, actor: str, name: str, subject: str, effect: Callable[[], object]) -> None:
        """Let a call take effect some time from now, whatever became of its caller."""

        def happening() -> None:
            self.note(actor, name, subject, "takes effect now")
            try:
                effect()
            except Exception as error:
                raise Violation(Harm.DAMAGED, f"{name} {subject} failed: {error!r}") from error

        self.at(self.now + seconds, happening)

    def decide(self, point: Point, name: str) -> Decision | None:
        """Return what goes wrong at a call."""
        self.steps += 1
        if self.steps > _MOST_STEPS:
            raise Violation(Harm.LOST, f"after {_MOST_STEPS} calls it has not come to rest")
        return None if self.calm else self._plan.decide(point, name)

    def inject(self, point: Point, name: str, subject: str, decision: Decision) -> None:
        """Remember what goes wrong."""
        self.injected.append(Injected(self.now - START, point, name, subject, decision))
        self.note(point.actor, name, subject, decision.kind.value)

    def begin_outage(self, name: str, seconds: float) -> None:
        """Let the store of a call refuse everything for some time."""
        self._outages[name.partition(".")[0]] = self.now + seconds

    def begin_refusal(self, name: str, seconds: float) -> None:
        """Let every call of a name be forbidden for some time."""
        self._refusals[name] = self.now + seconds

    def check_outage(self, actor: str, name: str, subject: str) -> None:
        """Raise Refused if a call is forbidden, Unavailable if its store answers nothing."""
        if self._refusals and self._refusals.get(name, 0.0) > self.now:
            self.note(actor, name, subject, "forbidden")
            raise Refused(f"{name} {subject}: forbidden", "AccessDenied")
        if self._outages and self._outages.get(name.partition(".")[0], 0.0) > self.now:
            self.note(actor, name, subject, "refused: outage")
            raise Unavailable(f"{name} {subject}: outage")

    def heal(self) -> None:
        """Let nothing go wrong any more."""
        self.calm = True
        self._outages.clear()
        self._refusals.clear()

    def note(self, actor: str, name: str, subject: str, what: str = "") -> None:
        """Write a line of the trace."""
        if self.trace is not None:
            self.trace.append(
                f"{self.now - START:10.2f} s  {actor:<12}  {name:<15}  {subject}{what and f'  -- {what}'}"
            )

    def _next(self, turns: Sequence[Actor]) -> tuple[Actor | None, float | None]:
        """The actor whose turn it is, or else the time of the next event."""
        soonest = self._pending[0][0] if self._pending else None
        for actor in turns:
            at = actor.ready_at() if actor.fiber is None else actor.wake_at
            if at is None:
                continue
            if at <= self.now:
                return actor, None
            if soonest is None or at < soonest:
                soonest = at
        return None, soonest

    def _resume(self, actor: Actor) -> None:
        if actor.fiber is None:
            actor.fiber = start(actor.run)
        actor.wake_at = None
        self.running = actor
        try:
            ended = actor.fiber.resume()
        except Killed:
            ended = True
        except BaseException as error:
            actor.fiber = None
            if isinstance(error, Exception):
                raise Violation(Harm.DAMAGED, f"{actor.name} failed: {error!r}") from error
            raise
        if ended:
            actor.fiber = None
