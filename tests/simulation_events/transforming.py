"""Execution environments of the transformer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from simulation.actor import Actor

from baler.store_errors import Unavailable
from runtime.events.transformer.transformer import Outcome
from simulation_events.processing import FUNCTION_TIMEOUT
from simulation_events.stores import Processed, short
from simulation_events.synthetic import transform
from simulation_events.workload import DAY_SECONDS, STREAM

if TYPE_CHECKING:
    from runtime.events.transformer.transformer import Report
    from simulation_events.queues import Message
    from simulation_events.situation import Situation

PATIENCE_SECONDS: Final = DAY_SECONDS
"""The retention of the stream."""

_BACKOFF_SECONDS: Final = 30.0


class TransformerActor(Actor):
    """An execution environment of the transformer, one message at a time."""

    def __init__(self, name: str, situation: Situation) -> None:
        super().__init__(name, situation.world)
        self._queue = situation.memory.transforms
        self._memory = situation.memory
        self._code = 0
        design, memory = situation.design, situation.memory
        self._transformer = design.transformer(
            table=design.table(self.call, memory),
            source=design.raw(self.call, memory),
            target=Processed(self.call, memory),
            stream=STREAM,
            transform=lambda body: transform(body, self._code),
            patience_seconds=PATIENCE_SECONDS,
        )

    def ready_at(self) -> float | None:
        return self._queue.next_at

    def run(self) -> None:
        self.timed_out = False
        self._code = self._memory.code
        for message in self.call("transforms.receive", "", self._queue.receive):
            self.deadline = self.world.now + FUNCTION_TIMEOUT
            try:
                report = self._transformer.handle(message.key, message.written_at, self.world.now)
                self._answer_for(message, report)
            except Unavailable:
                pass  # it is seen once more
            finally:
                self.deadline = None

    def _answer_for(self, message: Message, report: Report) -> None:
        """Do with a message what the function's handler does."""
        queue, subject, now = self._queue, short(message.key), self.world.now
        match report.outcome:
            case Outcome.RETRY:
                message.visible_at = now + _BACKOFF_SECONDS
                return
            case Outcome.NOT_YET:
                # Sent anew: a message that is received again and again would be dead before its batch is committed.
                # SQS delays by 15 minutes at most; more here only spares a schedule some hundred turns.
                delay = max(_BACKOFF_SECONDS, now - message.written_at)
                self.call("transforms.send", subject, lambda: queue.send(message.key, message.written_at, delay))
            case Outcome.REFUSED:
                self.call("transforms.refuse", subject, lambda: queue.refused.update({message.key: report.reason}))
            case _:
                pass
        self.call("transforms.delete", subject, lambda: queue.remove(message))
