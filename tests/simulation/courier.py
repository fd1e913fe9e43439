"""Couriers: execution environments of the function with what invokes them, and the threads in which one sends."""

from __future__ import annotations

import bisect
import math
from typing import TYPE_CHECKING, Final, TypeVar

from baler.files.courier.breaker import BreakerLimits
from baler.store_errors import Unavailable
from runtime.files.courier.limits import CourierLimits
from simulation.actor import Actor, Killed
from simulation.delivery_invariants import CourierProcess
from simulation.faults import Kind
from simulation.push import SEND_SECONDS, TICK_SECONDS
from simulation.workload import START

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from runtime.files.courier.courier import Courier
    from simulation.faults import Decision
    from simulation.pushing import Pushing

T = TypeVar("T")

_RENEWAL_SECONDS: Final = 10.0
# Lambda drops an event that it could not deliver for so long (the function's event age).
_EVENT_AGE: Final = 60.0


class Doorbell:
    """What invokes the courier: the events of the mailbox, and a rule each minute.

    The rule is left out while its ticks would find nothing: from the first such tick until `wake` is called, which a
    put does.
    """

    def __init__(self, pushing: Pushing) -> None:
        self._pushing = pushing
        self._events: list[float] = []
        self._tick = START + pushing.push.tick_after
        self._ticks = False

    def ring(self) -> None:
        """Send the event of a put."""
        self.wake()
        delay = self._pushing.push.bell_delay
        if delay is not None:
            bisect.insort(self._events, self._pushing.world.now + delay)

    def wake(self) -> None:
        """Let the rule tick again."""
        self._ticks = True
        late = self._pushing.world.now - self._tick
        if late > _EVENT_AGE:
            self._tick += TICK_SECONDS * math.ceil((late - _EVENT_AGE) / TICK_SECONDS)

    def due(self) -> float | None:
        """When the next invocation begins, seconds since the epoch; None if none is to come."""
        if self._events:
            return min(self._events[0], self._tick) if self._ticks else self._events[0]
        return self._tick if self._ticks else None

    def take(self) -> bool:
        """Begin an invocation; False where there is none: nobody was free for it for too long, or it is left out."""
        now = self._pushing.world.now
        if self._events and self._events[0] <= now:
            return now - self._events.pop(0) <= _EVENT_AGE
        late, self._tick = now - self._tick, self._tick + TICK_SECONDS
        self._pushing.invariants.look()
        self._ticks = self._pushing.invariants.expects_more
        return self._ticks and late <= _EVENT_AGE


class _Thread(Actor):
    """One thread of a process: it dies with the others."""

    def __init__(self, name: str, process: CourierProcess, pushing: Pushing) -> None:
        super().__init__(name, pushing.world)
        self.process = process
        self.pushing = pushing

    def pause(self, seconds: float) -> None:
        super().pause(seconds)
        if self.process.is_dead:
            raise Killed

    def call(self, name: str, subject: str, effect: Callable[[], T], until: float = math.inf) -> T:
        try:
            return super().call(name, subject, effect, until)
        except (Unavailable, Killed):
            if not name.startswith("receiver."):
                self.pushing.invariants.disturbed(self.process, 0.0)
            raise

    def _go_wrong(self, name: str, subject: str, effect: Callable[[], T], decision: Decision, until: float) -> T:
        if decision.kind is not Kind.PAUSE or decision.seconds:
            self.pushing.invariants.disturbed(self.process, decision.seconds)
            self.pushing.invariants.late(name)
        return super()._go_wrong(name, subject, effect, decision, until)


class SendActor(_Thread):
    """A thread of the crew."""

    def __init__(self, number: int, courier: CourierActor) -> None:
        super().__init__(f"{courier.name}.{number}", courier.process, courier.pushing)
        self._courier = courier
        self.work: Callable[[], None] | None = None

    def ready_at(self) -> float | None:
        return None if self.work is None else self.world.now

    def run(self) -> None:
        work, self.work = self.work, None
        assert work is not None, "a thread is begun with its work"
        if self.process.is_dead:
            return
        self.deadline = self._courier.deadline
        try:
            work()
        except Killed:
            self._courier.kill()
            raise
        finally:
            self._courier.wake()


class CourierActor(_Thread):
    """One of the concurrent invocations of the function: the real courier, and the crew that its ports need."""

    def __init__(self, name: str, pushing: Pushing) -> None:
        super().__init__(name, CourierProcess(name), pushing)
        self.threads = [SendActor(number, self) for number in range(1, pushing.push.parallel_sends + 1)]
        self._courier: Courier | None = None
        self._waits = False

    def ready_at(self) -> float | None:
        return self.pushing.doorbell.due()

    def run(self) -> None:
        if not self.pushing.doorbell.take():
            return
        process = self.process
        if self._courier is None:
            process.is_dead, process.sending = False, 0
            self._courier = self._start()
        self.deadline = ends = self.world.now + self.pushing.push.timeout
        try:
            report = self._courier.run(ends)
        except Killed:
            self.kill()
            self._courier = None
            raise
        finally:
            self.deadline = None
        for error in report.errors:
            raise error

    def kill(self) -> None:
        """Let the process die, and each of its threads where it is."""
        self.process.is_dead = True
        for thread in (self, *self.threads):
            if thread.wake_at is not None:
                thread.wake_at = self.world.now

    def wake(self) -> None:
        """Let the crew see that a send is over."""
        if self._waits and self.wake_at is not None:
            self.wake_at = self.world.now

    def together(self, sends: Sequence[Callable[[], T]], meanwhile: Callable[[], None]) -> list[T]:
        """The Crew port."""
        results: dict[int, T] = {}
        errors: list[Exception] = []

        def work(number: int, send: Callable[[], T]) -> None:
            try:
                results[number] = send()
            except Exception as error:  # noqa: BLE001 - raised where the sends were begun
                errors.append(error)

        assert len(sends) <= len(self.threads), "no more sends than threads"
        for number, send in enumerate(sends):
            self.threads[number].work = lambda number=number, send=send: work(number, send)
        renewed_at = self.world.now
        while len(results) + len(errors) < len(sends):
            self._waits = True
            self.pause(max(renewed_at + _RENEWAL_SECONDS - self.world.now, 0.0))
            self._waits = False
            if self.world.now >= renewed_at + _RENEWAL_SECONDS:
                renewed_at = self.world.now
                meanwhile()
        if errors:
            raise errors[0]
        return [results[number] for number in range(len(sends))]

    def _start(self) -> Courier:
        design, push = self.pushing.design, self.pushing.push
        process, call = self.process, self._call
        limits = CourierLimits(
            breaker=BreakerLimits(push.failures_to_open, push.probe_interval),
            send_timeout_seconds=SEND_SECONDS,
            parallel_sends=push.parallel_sends,
            refusal_tries=push.refusal_tries,
        )
        return design.courier(
            mailbox=design.courier_mailbox(call, self.pushing),
            receiver=design.receiver_client(call, self._pause, process, self.pushing),
            table=design.courier_table(call, process, self.pushing),
            crew=self,
            limits=limits,
            clock=lambda: self.world.now,
            pause=self.pause,
            new_owner=self.pushing.new_owner,
        )

    def _call(self, name: str, subject: str, effect: Callable[[], T], until: float = math.inf) -> T:
        """Make a call in whichever thread makes it."""
        return self._running().call(name, subject, effect, until)

    def _pause(self, seconds: float) -> None:
        self._running().pause(seconds)

    def _running(self) -> Actor:
        running = self.world.running
        assert running is not None, "calls are made by actors"
        return running
