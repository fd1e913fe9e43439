"""The lake at work: its sources are fetched by the schedule, and raw objects curated.

What the functions publish is put here as their observability modules publish it, which their own tests hold.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from baler.lake import metric_names
from baler.lake.declarations import read_declarations, shipped_declarations
from metric_rules.cloudwatch import Metrics, key_of
from metric_rules.event_source import EventSourceMapping, Run
from metric_rules.lake_causes import ALL_IS_FETCHED, LakeCause
from metric_rules.queue import Queue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.recorded_program import Deployed

    from metric_rules.queue import Message

_MINUTE: Final = 60
_INTERVAL: Final = 5 * _MINUTE
# Seconds into an interval. Causes begin 180 s into one: when it has just fired, so that the next is longest away.
_FIRES_AT: Final = 175
# What an alarm retrieves at most: five periods of the schedule.
_BEFORE_INTERVALS: Final = 6
_INGESTION_SECONDS: Final = 2.0
_CURATION_SECONDS: Final = 1.0


@dataclass
class Lake:
    """A stack that the program declares, with the sources that are shipped.

    Attributes:
        deployed: what the program declared.
        cause: what is wrong now.
    """

    deployed: Deployed
    cause: LakeCause = ALL_IS_FETCHED
    metrics: Metrics = field(default_factory=Metrics)

    def __post_init__(self) -> None:
        self._sources = [source.name for source in read_declarations(shipped_declarations())]
        self._failures = 0
        self._ingestion = self._function("lake-ingestion")
        declared = self.deployed.one("sqs/queue:Queue", "lake-curation")
        self._dead_letters = Queue(self.deployed.one("sqs/queue:Queue", "lake-curation-dead-letters").outputs["name"])
        self._queue = Queue(
            declared.outputs["name"],
            visibility=declared.inputs["visibilityTimeoutSeconds"],
            most_receives=declared.document("redrivePolicy")["maxReceiveCount"],
            dead_letters=self._dead_letters,
        )
        mapping = self.deployed.one("lambda/eventSourceMapping:EventSourceMapping", "lake-curation").inputs
        self._mapping = EventSourceMapping(
            self._queue,
            self._function("lake-curation"),
            batch_size=int(mapping["batchSize"]),
            window=float(mapping.get("maximumBatchingWindowInSeconds") or 0),
            most_readers=int(mapping["scalingConfig"]["maximumConcurrency"]),
        )
        for interval in range(-_BEFORE_INTERVALS, 0):
            self._fetch(interval * _INTERVAL + _FIRES_AT)

    def step(self, now: int) -> None:
        """Do what happens in this second."""
        if now % _INTERVAL == _FIRES_AT and self.cause.invokes:
            objects = self._fetch(now)
            for _ in range(objects if self.cause.announces else 0):
                self._queue.send(now + _INGESTION_SECONDS)
        self._mapping.step(now, self.metrics, self._curated)
        if now % _MINUTE == 0:
            self._queue.publish(self.metrics, now)
            self._dead_letters.publish(self.metrics, now)

    def _fetch(self, now: int) -> int:
        """Run ingestion; return how many raw objects it put: one of each source that answered."""
        function = {"FunctionName": self._ingestion}
        for name, value in (("Invocations", 1), ("Errors", 0), ("Duration", _INGESTION_SECONDS * 1000)):
            self.metrics.put(key_of("AWS/Lambda", name, function), now, value)
        self._failures = self._failures + 1 if self.cause.fails else 0
        for number, source in enumerate(self._sources):
            failures = 0 if number else self._failures
            self._own(now, {metric_names.SOURCE_RUNS: 1, metric_names.FAILURES_IN_A_ROW: failures}, source)
        objects = len(self._sources) - self.cause.fails
        self._own(now, {metric_names.RAW_OBJECTS: objects, metric_names.STALE_EVENTS: 0})
        return objects

    def _curated(self, _batch: Sequence[Message]) -> Run:
        def ends(batch: Sequence[Message], now: float) -> None:
            counts = {metric_names.PROCESSING_ERRORS: 0, metric_names.RECORDS_SET_ASIDE: 0}
            self._own(now, {**counts, metric_names.RAW_OBJECTS_CURATED: len(batch), metric_names.OLDEST_LEFT_AGE: 0})
            for each in batch:
                late = now - each.sent_at + _INGESTION_SECONDS
                self._own(now, {metric_names.CURATION_LATENCY: late * 1000})
                self._queue.delete(each)

        return Run(_CURATION_SECONDS, ends=ends)

    def _own(self, now: float, values: Mapping[str, float], source: str | None = None) -> None:
        dimensions = {metric_names.STACK: self.deployed.stack, **({metric_names.SOURCE: source} if source else {})}
        for name, value in values.items():
            self.metrics.put(key_of(metric_names.NAMESPACE, name, dimensions), now, value)

    def _function(self, part: str) -> str:
        return self.deployed.one("lambda/function:Function", part).outputs["name"]
