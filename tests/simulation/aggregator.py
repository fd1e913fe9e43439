"""An execution environment of the function with its poller: receive, handle, set the backoff, delete what is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from harness.events import LANDING
from harness.stores import one_by_one

from components.timing import SECONDS_PER_DAY, claim_lifetime_days
from runtime.aggregator.attempt import Stores
from runtime.aggregator.backoff import seconds_until_retry
from runtime.aggregator.batch import Aggregator, Limits, Message
from runtime.claims.ports import Unavailable
from simulation.actor import Actor
from simulation.faults import Kind
from simulation.situation import FUNCTION_TIMEOUT
from simulation.stores import Landing, Mailbox

if TYPE_CHECKING:
    from runtime.aggregator.verdict import Verdict
    from simulation.ingest_queue import Queued
    from simulation.situation import Situation

_CLAIM_LIFETIME: Final = claim_lifetime_days(landing_retention=7, dead_letter_retention=14) * SECONDS_PER_DAY
_MAX_FILE_BYTES: Final = 1000


class AggregatorActor(Actor):
    """One of the concurrent invocations that the event source mapping allows."""

    def __init__(self, name: str, situation: Situation) -> None:
        super().__init__(name, situation.world)
        self._queue = situation.queue
        self._invariants = situation.memory.invariants
        self._batch = situation.workload.batch
        self._spread = situation.spread
        design, memory = situation.design, situation.memory
        archive = design.archive(self.call, memory)
        mailbox = Mailbox(self.call, memory)
        table = design.table(self.call, memory)
        self._aggregator = Aggregator(
            design.protocol(table, archive, mailbox, one_by_one, self._clock),
            Stores(Landing(self.call, memory), archive, mailbox),
            Limits(LANDING, _CLAIM_LIFETIME, _MAX_FILE_BYTES, situation.workload.bundle_bytes, 1_000_000),
            self._clock,
            situation.entropy,
        )

    def ready_at(self) -> float | None:
        return self._queue.next_visible()

    def run(self) -> None:
        try:
            batch = self.call("queue.receive", "", self._receive)
            if batch:
                self.deadline = self._clock() + FUNCTION_TIMEOUT
                verdicts = self._invoke(batch, self.deadline)
                self.deadline = None
                for message in batch:
                    if verdicts[message.message_id].done:
                        self._delete(message)
        finally:
            self.deadline = None

    def _clock(self) -> float:
        return self.world.now

    def _receive(self) -> list[Queued]:
        twist, self.twist = self.twist, None
        newest_first, hide = twist is Kind.REORDER, twist is not Kind.REDELIVER
        return self._queue.receive(self._clock(), self._batch, newest_first=newest_first, hide=hide)

    def _invoke(self, batch: list[Queued], deadline: float) -> dict[str, Verdict]:
        """What runtime/aggregator/handler.py does in one invocation."""
        messages = [Message(message.message_id, message.announcement.body, message.sent_at) for message in batch]
        verdicts = self._aggregator.handle(messages, deadline).messages
        for message in batch:
            verdict = verdicts[message.message_id]
            if not verdict.done:
                now = self._clock()
                self._see_again(message, now + seconds_until_retry(verdict, message.receives, now, self._spread()))
        return verdicts

    def _see_again(self, message: Queued, at: float) -> None:
        subject = f"message {message.announcement.number} in {at - self._clock():.0f} s"
        try:
            self.call("queue.see_again", subject, lambda: self._queue.see_again(message, at))
        except Unavailable:
            return  # the queue's own timeout holds

    def _delete(self, message: Queued) -> None:
        def effect() -> None:
            self._invariants.before_deletion(message.announcement)
            self._queue.delete(message)

        try:
            self.call("queue.delete", f"message {message.announcement.number}", effect)
        except Unavailable:
            return  # it is seen once more
