"""The event stream at work: records come, batches run, objects are announced, second by second.

What the functions publish is put here as their observability modules publish it, which their own tests hold. Lambda
developer guide, "Using Lambda with Amazon Kinesis": a shard has one batch at a time, which is retried until it
succeeds, with growing pauses of which AWS says no more; here they double, from one second up to a minute.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from baler.events import metric_names
from baler.events.event_types import EVENT_TYPES
from metric_rules.cloudwatch import Metrics, key_of
from metric_rules.event_source import EventSourceMapping, Run
from metric_rules.queue import Queue
from metric_rules.stream_causes import ALL_IS_WELL, StreamCause

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.recorded_program import Deployed

    from metric_rules.queue import Message

_MINUTE: Final = 60
_HOUR: Final = 3600
_SHARDS: Final = 2
_LONGEST_PAUSE: Final = 60.0
_TRANSFORMER_SECONDS: Final = 0.3
_COMPACTOR_SECONDS: Final = 5.0


@dataclass(slots=True)
class _Shard:
    """A shard, as Lambda reads it: when its records came that are not committed, and the run that has them."""

    number: int
    waiting: list[float] = field(default_factory=list[float])
    busy_until: float = 0.0
    pause: float = 1.0


@dataclass
class EventStream:
    """A stack that the program declares, with producers.

    Attributes:
        deployed: what the program declared.
        rate: records a second.
        cause: what is wrong now.
    """

    deployed: Deployed
    rate: float
    cause: StreamCause = ALL_IS_WELL
    metrics: Metrics = field(default_factory=Metrics)

    def __post_init__(self) -> None:
        mapping = self.deployed.one("lambda/eventSourceMapping:EventSourceMapping", "events-processor")
        self._batch_size = int(mapping.inputs["batchSize"])
        self._window = float(mapping.inputs["maximumBatchingWindowInSeconds"])
        self._shards = [_Shard(number) for number in range(_SHARDS)]
        self._stream = self.deployed.one("kinesis/stream:Stream", "events-stream").outputs["name"]
        self._processor = self._function("events-processor")
        self._transform = self._queue("events-transform")
        self._compaction = self._queue("events-compaction")
        self._mappings = {
            "transformer": self._mapping("events-transformer", self._transform),
            "compactor": self._mapping("events-compactor", self._compaction),
        }
        self._came = 0.0
        self._incoming = self._refused = self._objects = 0
        for hours in range(1, 5):
            self._own(-hours * _HOUR, {metric_names.REWRITTEN: 0})

    def step(self, now: int) -> None:
        """Do what happens in this second."""
        self._produce(now)
        for shard in self._shards:
            self._read(shard, now)
        self._mappings["transformer"].enabled = self.cause.transforms
        self._mappings["compactor"].enabled = self.cause.compacts
        self._mappings["transformer"].step(now, self.metrics, self._transformed)
        self._mappings["compactor"].step(now, self.metrics, self._compacted)
        if now % _MINUTE == 0:
            self._publish_minute(now)
        if now % _HOUR == 0:
            self._own(now, {metric_names.REWRITTEN: 1})

    def _produce(self, now: int) -> None:
        self._came += self.rate
        while self._came >= 1:
            self._came -= 1
            self._incoming += 1
            if self._incoming * self.cause.refused % 1 + self.cause.refused >= 1:
                self._refused += 1
            else:
                self._shards[self._incoming % _SHARDS].waiting.append(now)

    def _read(self, shard: _Shard, now: int) -> None:
        """Invoke the processor with a shard's next batch, where it is full or has waited for long enough."""
        waiting = shard.waiting
        if not self.cause.reads or now < shard.busy_until or not waiting:
            return
        if len(waiting) < self._batch_size and now - waiting[0] < self._window:
            return
        cause = self.cause if shard.number < self.cause.shards else ALL_IS_WELL
        function = {"FunctionName": self._processor}
        if cause.throttled:
            self.metrics.put(key_of("AWS/Lambda", "Throttles", function), now, 1)
            self._pause(shard, now)
            return
        self.metrics.put(key_of("AWS/Lambda", "Invocations", function), now, 1)
        self.metrics.put(key_of("AWS/Lambda", "Errors", function), now, int(cause.crashes))
        self.metrics.put(key_of("AWS/Lambda", "Duration", function), now, cause.run_seconds * 1000)
        shard.busy_until = now + cause.run_seconds
        if cause.crashes:
            self._pause(shard, shard.busy_until)
            return
        self._attempt(shard, cause, now)

    def _attempt(self, shard: _Shard, cause: StreamCause, now: int) -> None:
        """Let the processor end, and publish what it says of the batch."""
        batch = shard.waiting[: self._batch_size]
        rejected = 0 if cause.unavailable else int(len(batch) * cause.rejected)
        events = 0 if cause.unavailable else len(batch) - rejected
        objects = min(events, len(EVENT_TYPES))
        self._own(
            now,
            {
                metric_names.RECORDS: len(batch),
                metric_names.EVENTS: events,
                metric_names.REJECTED: rejected,
                metric_names.DROPPED: 0,
                metric_names.SET_ASIDE: 0,
                metric_names.OBJECTS: objects,
                metric_names.BATCH_AGE: now - batch[0],
                metric_names.UNREPORTED: 0,
            },
        )
        if cause.unavailable:
            self._pause(shard, now)
            return
        function = {"FunctionName": self._processor}
        self.metrics.put(key_of("AWS/Lambda", "IteratorAge", function), now, (now - batch[0]) * 1000)
        del shard.waiting[: self._batch_size]
        shard.pause = 1.0
        self._objects += objects
        for _ in range(objects if cause.announces_raw and self.cause.announces_raw else 0):
            self._transform.send(now)

    def _pause(self, shard: _Shard, now: float) -> None:
        shard.busy_until = now + shard.pause
        shard.pause = min(shard.pause * 2, _LONGEST_PAUSE)

    def _transformed(self, _batch: Sequence[Message]) -> Run:
        cause = self.cause

        def ends(batch: Sequence[Message], now: float) -> None:
            foreign = [each for each in batch if cause.foreign and each.number % cause.foreign == 0]
            left: Sequence[Message] = batch if cause.transformer_unavailable else ()
            done = [each for each in batch if each not in foreign and each not in left]
            self._own(
                now,
                {
                    metric_names.PROCESSED: len(done),
                    metric_names.REFUSED: len(foreign),
                    metric_names.OLDEST_LEFT_AGE: max((now - each.sent_at for each in left), default=0.0),
                },
            )
            for each in done:
                self._own(now, {metric_names.EVENT_LATENCY: now - each.sent_at + self._window})
                self._compaction.send(now)
            for _ in foreign:
                self._dead_letters(self._transform).send(now)
            for each in left:
                self._transform.change_visibility(each, now + min(5.0 * 2**each.receives, 900.0))
            for each in (*done, *foreign):
                self._transform.delete(each)

        return Run(_TRANSFORMER_SECONDS, crashes=cause.transformer_crashes, ends=ends)

    def _compacted(self, _batch: Sequence[Message]) -> Run:
        def ends(batch: Sequence[Message], now: float) -> None:
            self._own(now, {metric_names.COMPACTED_FILES: len(batch)})
            for each in batch:
                self._own(now, {metric_names.COMPACTION_DELAY: now - each.sent_at + self._window})
                self._compaction.delete(each)

        return Run(_COMPACTOR_SECONDS, crashes=self.cause.compactor_crashes, ends=ends)

    def _publish_minute(self, now: int) -> None:
        stream = {"StreamName": self._stream}
        found = {
            "IncomingRecords": self._incoming - self._refused,
            "WriteProvisionedThroughputExceeded": self._refused,
            "ReadProvisionedThroughputExceeded": 0,
        }
        self._incoming = self._refused = 0
        for name, value in found.items():
            self.metrics.put(key_of("AWS/Kinesis", name, stream), now - 1, value)
        for queue in (self._transform, self._compaction):
            queue.publish(self.metrics, now)
            self._dead_letters(queue).publish(self.metrics, now)

    def _own(self, now: float, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            stack = {metric_names.STACK: self.deployed.stack}
            self.metrics.put(key_of(metric_names.NAMESPACE, name, stack), now, value)

    def _function(self, part: str) -> str:
        return self.deployed.one("lambda/function:Function", part).outputs["name"]

    def _queue(self, part: str) -> Queue:
        declared = self.deployed.one("sqs/queue:Queue", part)
        return Queue(
            declared.outputs["name"],
            visibility=declared.inputs["visibilityTimeoutSeconds"],
            most_receives=declared.document("redrivePolicy")["maxReceiveCount"],
            dead_letters=Queue(self.deployed.one("sqs/queue:Queue", f"{part}-dead-letters").outputs["name"]),
        )

    @staticmethod
    def _dead_letters(queue: Queue) -> Queue:
        assert queue.dead_letters is not None
        return queue.dead_letters

    def _mapping(self, part: str, queue: Queue) -> EventSourceMapping:
        declared = self.deployed.one("lambda/eventSourceMapping:EventSourceMapping", part).inputs
        return EventSourceMapping(
            queue,
            self._function(part),
            batch_size=int(declared["batchSize"]),
            window=float(declared.get("maximumBatchingWindowInSeconds") or 0),
            most_readers=int(declared["scalingConfig"]["maximumConcurrency"]),
        )
