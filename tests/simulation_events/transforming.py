"""Execution environments of the transformer."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from simulation.actor import Actor

from baler.store_errors import Unavailable
from runtime.events.transformer import message_batch
from runtime.events.transformer.delay import seconds_until_retry
from runtime.events.transformer.message_batch import ObjectReport
from runtime.events.transformer.settlement import settle
from simulation_events.processing import FUNCTION_TIMEOUT
from simulation_events.stores import Processed, short
from simulation_events.synthetic import transform
from simulation_events.workload import STREAM

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulation_events.queues import Message, Queue
    from simulation_events.situation import Situation
    from simulation_events.stores import Call

# Of the random numbers that spread delays.
_MIDDLE = 0.5


class TransformQueues:
    """The function's own queue and its dead letters, as it sends to them; a text says when the object was put."""

    def __init__(self, call: Call, queue: Queue) -> None:
        self._call = call
        self._queue = queue

    def announce_later(self, texts: Sequence[tuple[str, int]]) -> dict[int, str]:
        """See the port."""
        failed: dict[int, str] = {}
        for position, (text, seconds) in enumerate(texts):
            put_at, _, key = text.partition(" ")
            try:
                self._call(
                    "transforms.send",
                    short(key),
                    lambda key=key, at=float(put_at), seconds=seconds: self._queue.send(key, at, seconds),
                )
            except Unavailable as error:
                failed[position] = str(error)
        return failed

    def move(self, objects: Sequence[ObjectReport]) -> dict[int, str]:
        """See the port."""
        failed: dict[int, str] = {}
        for position, each in enumerate(objects):
            refused = {each.key: each.report.reason}
            try:
                self._call("transforms.refuse", each.key, lambda refused=refused: self._queue.refused.update(refused))
            except Unavailable as error:
                failed[position] = str(error)
        return failed


class TransformerActor(Actor):
    """An execution environment of the transformer, one message at a time."""

    def __init__(self, name: str, situation: Situation) -> None:
        super().__init__(name, situation.world)
        self._memory = situation.memory
        self._queue = situation.memory.transforms
        self._queues = TransformQueues(self.call, self._queue)
        self._code = 0
        design, memory = situation.design, situation.memory
        self._transformer = design.transformer(
            table=design.table(self.call, memory),
            source=design.raw(self.call, memory),
            target=Processed(self.call, memory),
            stream=STREAM,
            transform=lambda body: transform(body, self._code),
            patience_seconds=situation.workload.patience_seconds,
        )

    def ready_at(self) -> float | None:
        return self._queue.next_at

    def run(self) -> None:
        self.timed_out = False
        self._code = self._memory.code
        for message in self.call("transforms.receive", "", self._queue.receive):
            self.deadline = self.world.now + FUNCTION_TIMEOUT
            try:
                self._handle(message)
            finally:
                self.deadline = None

    def _handle(self, message: Message) -> None:
        report = self._transformer.handle(message.key, message.written_at, self.world.now)
        text = f"{message.written_at!r} {message.key}"
        received = message_batch.Message("the one", text, message.written_at, message.receives)
        done = ObjectReport(received, text, message.key, message.written_at, report, self.world.now)
        if settle([done], self._queues, lambda: _MIDDLE):
            message.visible_at = self.world.now + seconds_until_retry(message.receives, _MIDDLE)
            return
        with suppress(Unavailable):  # it is seen once more
            self.call("transforms.delete", short(message.key), lambda: self._queue.remove(message))
