"""A process, and the calls it makes: each is where it can be held up, die, or be left without an answer."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from functools import partial
from typing import TYPE_CHECKING, Final, NoReturn, TypeVar

from baler.store_errors import Refused, Unavailable
from simulation.faults import Decision, Kind, Point
from simulation.report import in_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulation.fibers import Fiber
    from simulation.world import World

T = TypeVar("T")

CALL_SECONDS: Final = 0.02
# What a caller waits for an answer that never comes (the clients' read timeout in runtime/files/aggregator/handler.py).
TIMEOUT_SECONDS: Final = 5.0
# What it waits for one that hangs, where nothing says until when it may.
_PATIENCE_SECONDS: Final = 30.0


class Killed(BaseException):
    """The process died at this call: nothing of its code runs on. Not an Exception, which that code may handle."""


class Actor(ABC):
    """Something that runs now and then, beside others.

    Attributes:
        name: in reports.
        fiber: what it is in the middle of; None while it is idle.
        wake_at: when it goes on, seconds since the epoch; None while it is idle.
        deadline: when it is killed, seconds since the epoch; None where nothing kills it.
        twist: how the queue behaves at the call that is being made; None if as usual.
        timed_out: it was killed at its deadline.
    """

    def __init__(self, name: str, world: World) -> None:
        self.name = name
        self.world = world
        self.fiber: Fiber | None = None
        self.wake_at: float | None = None
        self.deadline: float | None = None
        self.twist: Kind | None = None
        self.timed_out = False
        self._calls: dict[str, int] = {}

    @abstractmethod
    def ready_at(self) -> float | None:
        """When there is something to begin, seconds since the epoch; None if there is nothing. Asked while idle."""

    @abstractmethod
    def run(self) -> None:
        """Do what there is to do, until it is done or Killed is raised."""

    def call(self, name: str, subject: str, effect: Callable[[], T], until: float = math.inf) -> T:
        """Make a call.

        Args:
            name: of the call; see faults.POSSIBLE.
            subject: what it is about, for the trace.
            effect: what it does; it may be done late, or twice, or never.
            until: when it must be over, seconds since the epoch.

        Raises:
            Killed: the process dies here.
            Refused: it is not done.
            Unavailable: it gets no answer.
        """
        if self.world.now >= until:
            raise Refused(f"{name} {subject}: no time left", "OutOfTime")
        self.world.tick(CALL_SECONDS)
        call = f"{name} {subject.partition(' ')[0]}"
        self._calls[call] = number = self._calls.get(call, 0) + 1
        point = Point(self.name, call, number)
        decision = self.world.decide(point, name)
        if decision is None:
            return self._answer(name, subject, effect)
        self.world.inject(point, name, subject, decision)
        return self._go_wrong(name, subject, effect, decision, until)

    def pause(self, seconds: float) -> None:
        """Let others run, for so long at least."""
        assert self.fiber is not None, "only a running actor pauses"
        self.wake_at = self.world.now + seconds
        self.fiber.pause()
        if self.world.over:
            raise Killed

    def _answer(self, name: str, subject: str, effect: Callable[[], T]) -> T:
        """Make a call that goes as well as the process and the store are."""
        self._check_alive(name, subject)
        self.world.check_outage(self.name, name, subject)
        answer = effect()
        if self.world.trace is not None:
            self.world.note(self.name, name, subject, in_words(answer))
        return answer

    def _answer_again(self, name: str, subject: str, effect: Callable[[], T]) -> T:
        """Repeat a call whose first try is under way: a refusal says nothing of that one."""
        try:
            return self._answer(name, subject, effect)
        except Refused as error:
            raise Unavailable(str(error)) from error

    def _check_alive(self, name: str, subject: str) -> None:
        if self.deadline is not None and self.world.now > self.deadline:
            self.world.note(self.name, name, subject, "killed before it, at the deadline")
            self.timed_out = True
            self.die()

    def die(self) -> NoReturn:
        """Let the process die here."""
        self.world.crashes += 1
        raise Killed

    def _go_wrong(self, name: str, subject: str, effect: Callable[[], T], decision: Decision, until: float) -> T:
        self._check_alive(name, subject)
        later = partial(self.world.later, decision.seconds, self.name, name, subject, effect)
        match decision.kind:
            case Kind.PAUSE:
                self.pause(decision.seconds)
            case Kind.ZOMBIE:
                self.deadline = None
                self.pause(decision.seconds)
            case Kind.REDELIVER | Kind.REORDER:
                self.twist = decision.kind
            case Kind.LINGER:
                answer = self._answer(name, subject, effect)
                self.pause(decision.seconds)
                return answer
            case Kind.RETRIED:
                self._answer(name, subject, effect)
            case Kind.ECHO:
                later()
                return self._answer_again(name, subject, effect)
            case Kind.CRASH_BEFORE | Kind.CRASH_AFTER | Kind.CRASH_LATE:
                self._crash(decision.kind, effect, later)
            case Kind.REFUSED | Kind.FORBIDDEN:
                self._refuse(name, decision)
                raise Refused(f"{name} {subject}: {decision.kind.value}", "AccessDenied")
            case Kind.HANG:
                later()
                self.pause(min(until - self.world.now, _PATIENCE_SECONDS))
                raise Unavailable(f"{name} {subject}: {decision.kind.value}")
            case _:
                self._leave_unanswered(name, effect, decision, later)
                raise Unavailable(f"{name} {subject}: {decision.kind.value}")
        return self._answer(name, subject, effect)

    def _crash(self, kind: Kind, effect: Callable[[], object], later: Callable[[], None]) -> NoReturn:
        if kind is Kind.CRASH_AFTER:
            effect()
        elif kind is Kind.CRASH_LATE:
            later()
        self.die()

    def _refuse(self, name: str, decision: Decision) -> None:
        if decision.kind is Kind.FORBIDDEN:
            self.world.begin_refusal(name, decision.seconds)
        else:
            self.pause(decision.seconds)

    def _leave_unanswered(
        self, name: str, effect: Callable[[], object], decision: Decision, later: Callable[[], None]
    ) -> None:
        match decision.kind:
            case Kind.UNANSWERED:
                effect()
                self.pause(decision.seconds)
            case Kind.LATE:
                later()
                self.pause(TIMEOUT_SECONDS)
            case Kind.OUTAGE:
                self.world.begin_outage(name, decision.seconds)
            case _:
                self.pause(decision.seconds)
