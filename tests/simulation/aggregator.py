"""An execution environment of the function with its poller: receive, handle, set the backoff, delete what is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from harness.events import LANDING
from harness.stores import one_by_one

from baler.store_errors import Unavailable
from components.files.timing import SECONDS_PER_DAY, claim_lifetime_days
from runtime.files.aggregator.attempt import Stores
from runtime.files.aggregator.backoff import SOON_SECONDS, seconds_until_retry
from runtime.files.aggregator.batch import Aggregator, BatchLimits, Message
from runtime.files.aggregator.rejection import move_rejected, note_rejected
from simulation.actor import Actor, Killed
from simulation.faults import Kind
from simulation.situation import FUNCTION_TIMEOUT
from simulation.stores import Journal, Landing, Mailbox

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from runtime.files.aggregator.batch import BatchReport
    from runtime.files.aggregator.isolation import Isolation
    from runtime.files.aggregator.rejection import DeadLetter
    from simulation.ingest_queue import Queued
    from simulation.situation import Situation
    from simulation.stores import Call

T = TypeVar("T")

_CLAIM_LIFETIME: Final = claim_lifetime_days(landing_retention=7, dead_letter_retention=14) * SECONDS_PER_DAY
_MAX_FILE_BYTES: Final = 1000
_LONGEST_RETRY: Final = 900


class AggregatorActor(Actor):
    """One of the concurrent invocations that the event source mapping allows."""

    def __init__(self, name: str, situation: Situation) -> None:
        super().__init__(name, situation.world)
        self._situation = situation
        self._queue = situation.queue
        self._invariants = situation.memory.invariants
        self._batch: list[Queued] = []
        self._process = 0
        self._in_timer = False
        self._kills = {f"{file.key}@{file.version}" for file in situation.workload.files.values() if file.kills}
        self._isolation = self._start_process()

    def ready_at(self) -> float | None:
        return self._queue.next_visible()

    def run(self) -> None:
        try:
            self._batch = self.call("queue.receive", "", self._receive)
            if self._batch:
                self.deadline = self._clock() + FUNCTION_TIMEOUT
                report = self._invoke(self._batch, self.deadline)
                self.deadline = None
                for message in self._batch:
                    if report.settled(message.message_id):
                        self._delete(message)
        except Killed:
            for message in self._batch:
                message.crashes += not self.timed_out
            self.timed_out = False
            self._isolation = self._start_process()
            raise
        finally:
            self.deadline = None

    def call(self, name: str, subject: str, effect: Callable[[], T], until: float = float("inf")) -> T:
        """Make a call; that of a timer goes well, or the process does not live to make it."""
        return effect() if self._in_timer else super().call(name, subject, effect, until)

    def _start_process(self) -> Isolation:
        self._process += 1
        workload = self._situation.workload
        aggregator = Aggregator(
            self._stores,
            BatchLimits(LANDING, _CLAIM_LIFETIME, _MAX_FILE_BYTES, workload.bundle_bytes, 1_000_000),
            self._clock,
            self._situation.entropy,
        )
        return self._situation.design.isolation(
            aggregator,
            journal=lambda until: Journal(self._call_until(until), self._situation.memory),
            concurrently=one_by_one,
            clock=self._clock,
            pause=self.pause,
            timer=self._timer,
            new_run_id=self._situation.run_id,
        )

    def _stores(self, until: float) -> Stores:
        design, memory, call = self._situation.design, self._situation.memory, self._call_until(until)
        archive, mailbox, table = design.archive(call, memory), Mailbox(call, memory), design.table(call, memory)
        claims = design.protocol(table, archive, mailbox, concurrently=one_by_one, clock=self._clock, pause=self.pause)
        return Stores(claims, Landing(call, memory), archive, mailbox)

    def _call_until(self, until: float) -> Call:
        def call(name: str, subject: str, effect: Callable[[], T]) -> T:
            if name == "landing.get" and subject in self._kills and not self.world.calm:
                self.world.note(self.name, name, subject, "kills")
                self.die()
            return self.call(name, subject, effect, until)

        return call

    def _timer(self, when: float, call: Callable[[], None]) -> Callable[[], None]:
        process, cancelled = self._process, False

        def fire() -> None:
            if not cancelled and process == self._process:
                self._in_timer = True
                call()
                self._in_timer = False

        def cancel() -> None:
            nonlocal cancelled
            cancelled = True

        self.world.at(when, fire)
        return cancel

    def _clock(self) -> float:
        return self.world.now

    def _receive(self) -> list[Queued]:
        twist, self.twist = self.twist, None
        newest_first, hide = twist is Kind.REORDER, twist is not Kind.REDELIVER
        most = self._situation.workload.batch
        return self._queue.receive(self._clock(), most, newest_first=newest_first, hide=hide)

    def _invoke(self, batch: list[Queued], deadline: float) -> BatchReport:
        """What runtime/files/aggregator/handler.py does in one invocation."""
        messages = [
            Message(message.message_id, message.announcement.body, message.sent_at, message.receives)
            for message in batch
        ]
        report = self._isolation.handle(messages, deadline)
        if self._situation.design.acknowledges_first:
            for message in batch:
                if report.messages[message.message_id].kind == "rejected":
                    self._delete(message)
        move_rejected(messages, report, self)
        table = self._situation.design.table(self._call_until(deadline), self._situation.memory)
        note_rejected(report, table, one_by_one, int(self._clock()) + _CLAIM_LIFETIME)
        for message in batch:
            if not report.settled(message.message_id):
                now, outcome = self._clock(), report.messages[message.message_id]
                longest = SOON_SECONDS if message.message_id in report.soon else _LONGEST_RETRY
                wait = seconds_until_retry(outcome, message.receives, now, self._situation.spread(), longest)
                self._set_visibility(message, now + wait)
        return report

    def move(self, letters: Sequence[DeadLetter]) -> dict[str, str]:
        """The DeadLetters port."""
        failed: dict[str, str] = {}
        for letter in letters:
            (message,) = (each for each in self._batch if each.message_id == letter.message.message_id)
            self._invariants.before_rejection(message, letter.reason)
            subject = f"message {message.announcement.number}: {letter.reason}"
            try:
                self.call("dead.send", subject, lambda message=message: self._queue.move(message))
            except Unavailable as error:
                failed[message.message_id] = str(error)
        return failed

    def _set_visibility(self, message: Queued, at: float) -> None:
        subject = f"message {message.announcement.number} in {at - self._clock():.0f} s"
        try:
            self.call("queue.set_visibility", subject, lambda: self._queue.set_visibility(message, at))
        except Unavailable:
            return  # the queue's own timeout holds

    def _delete(self, message: Queued) -> None:
        def effect() -> None:
            moved = message.message_id in self._queue.moved
            self._invariants.before_deletion(message.announcement, moved=moved)
            self._queue.delete(message)

        try:
            self.call("queue.delete", f"message {message.announcement.number}", effect)
        except Unavailable:
            return  # it is seen once more
