"""Lambda: how an event source mapping reads a queue, and what Lambda publishes of the function.

Lambda developer guide, "Using Lambda with Amazon SQS", "Configuring scaling behavior for SQS event source mappings" and
"Types of metrics for Lambda functions": Errors and Duration are published of runs, when they have ended and with the
time at which they began; Throttles of what was not run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from baler.aws.event_source import FIRST_READERS, MORE_READERS_PER_MINUTE
from metric_rules.cloudwatch import key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from metric_rules.cloudwatch import Metrics
    from metric_rules.queue import Message, Queue

_MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class Run:
    """How a run of the function goes.

    Attributes:
        seconds: that it takes.
        crashes: it ends with an error, or is killed: its messages come back by the queue's own timeout.
        throttled: it is refused, and does not run at all: they come back in the same way.
        ends: what the function does at its end, with the messages and the moment.
    """

    seconds: float = 0.5
    crashes: bool = False
    throttled: bool = False
    ends: Callable[[Sequence[Message], float], None] | None = None


@dataclass(slots=True)
class _Reader:
    """Gathers a batch, and waits for its run."""

    batch: list[Message] = field(default_factory=list["Message"])
    opened_at: float = 0.0
    began_at: float = 0.0
    run: Run | None = None


@dataclass
class EventSourceMapping:
    """Readers of a queue, each of which gathers a batch and invokes the function with it.

    Attributes:
        window: seconds for which a reader gathers from its first message on.
        most_readers: the maximum concurrency.
    """

    queue: Queue
    function: str
    batch_size: int
    window: float
    most_readers: int
    enabled: bool = True
    _readers: list[_Reader] = field(default_factory=list[_Reader])

    def step(self, now: float, metrics: Metrics, invoke: Callable[[Sequence[Message]], Run]) -> None:
        """Do what happens in this second."""
        if not self._readers:
            self._readers = [_Reader() for _ in range(min(FIRST_READERS, self.most_readers))]
        for reader in self._readers:
            if reader.run and reader.began_at + reader.run.seconds <= now:
                self._finish(reader, metrics)
        if self.enabled:
            self._gather(now)
        for reader in self._readers:
            full = len(reader.batch) >= self.batch_size or now - reader.opened_at >= self.window
            if reader.batch and not reader.run and full:
                self._start(reader, now, metrics, invoke)

    def _gather(self, now: float) -> None:
        """Give out visible messages one by one, so that the readers share them as SQS lets them."""
        while open_readers := [each for each in self._readers if not each.run and len(each.batch) < self.batch_size]:
            for reader in open_readers:
                message = self.queue.receive(now)
                if message is None:
                    return
                if not reader.batch:
                    reader.opened_at = now
                reader.batch.append(message)
        if now % _MINUTE == 0 and self.queue.visible(now):
            more = min(MORE_READERS_PER_MINUTE, self.most_readers - len(self._readers))
            self._readers += [_Reader() for _ in range(more)]

    def _start(self, reader: _Reader, now: float, metrics: Metrics, invoke: Callable[[Sequence[Message]], Run]) -> None:
        run = invoke(reader.batch)
        if run.throttled:
            metrics.put(self._key("Throttles"), now, 1)
            reader.batch = []
            return
        metrics.put(self._key("Invocations"), now, 1)
        reader.run, reader.began_at = run, now

    def _finish(self, reader: _Reader, metrics: Metrics) -> None:
        run = reader.run
        assert run is not None
        metrics.put(self._key("Errors"), reader.began_at, int(run.crashes))
        metrics.put(self._key("Duration"), reader.began_at, run.seconds * 1000)
        if run.ends and not run.crashes:
            run.ends(reader.batch, reader.began_at + run.seconds)
        reader.run, reader.batch = None, []

    def _key(self, name: str) -> tuple[str, str, frozenset[tuple[str, str]]]:
        return key_of("AWS/Lambda", name, {"FunctionName": self.function})
