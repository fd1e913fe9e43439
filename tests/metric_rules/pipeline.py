"""A pipeline at work: files land, batches run, the monitor looks, the consumer collects, second by second.

What the aggregator and the monitor publish is published by their own code, and read from the log lines that it writes.
"""

from __future__ import annotations

import io
import random
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from aws_lambda_powertools.metrics import MetricUnit
from harness.emf import samples

from baler.emf import Metric, publish
from baler.files import metric_names
from metric_rules.causes import NOTHING, Cause, Fed, Mapping
from metric_rules.cloudwatch import Metrics, key_of
from metric_rules.configuration import Configuration
from metric_rules.courier import courier_of
from metric_rules.event_source import EventSourceMapping, Run
from metric_rules.queue import Queue
from runtime.files.aggregator.backoff import seconds_until_retry
from runtime.files.aggregator.batch import BatchReport
from runtime.files.aggregator.file_outcome import BUNDLED, FileOutcome, Outcome
from runtime.files.aggregator.latency import Latency
from runtime.files.aggregator.observability import report_batch
from runtime.files.mailbox_monitor.observability import publish_inspection

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.recorded_program import Deployed

    from metric_rules.queue import Message

_MINUTE: Final = 60
_HOUR: Final = 3600
_RECONCILED_EVERY: Final = 900
# The second of a minute at which the monitor's rule fires.
_MONITOR_SECOND: Final = 20
# Between two rounds of the consumer.
_ROUND_SECONDS: Final = 10


@dataclass
class Pipeline:
    """A stack that the program declares, with an external party and a consumer.

    Attributes:
        deployed: what the program declared.
        rate: files a second.
        cause: what is wrong now.
    """

    deployed: Deployed
    rate: float
    cause: Cause = NOTHING
    metrics: Metrics = field(default_factory=Metrics)
    mailbox: list[float] = field(default_factory=list[float])

    def __post_init__(self) -> None:
        declared = self.deployed.one("sqs/queue:Queue", "files-ingest")
        mapping = self.deployed.one("lambda/eventSourceMapping:EventSourceMapping", "files-aggregator")
        function = self.deployed.one("lambda/function:Function", "files-aggregator")
        self._longest_retry = int(function.inputs["environment"]["variables"]["LONGEST_RETRY_SECONDS"])
        self._random = random.Random(1)  # noqa: S311 - spreads retries, the same in each run
        self._stack = self.deployed.stack
        self._monitor_function = self.deployed.one("lambda/function:Function", "files-mailbox-monitor").outputs["name"]
        self.dead_letters = Queue(self.deployed.one("sqs/queue:Queue", "files-dead-letters").outputs["name"])
        self.queue = Queue(
            declared.outputs["name"],
            visibility=declared.inputs["visibilityTimeoutSeconds"],
            most_receives=declared.document("redrivePolicy")["maxReceiveCount"],
            dead_letters=self.dead_letters,
        )
        self._mapping = EventSourceMapping(
            self.queue,
            function.outputs["name"],
            batch_size=int(mapping.inputs["batchSize"]),
            window=mapping.inputs["maximumBatchingWindowInSeconds"],
            most_readers=int(mapping.inputs["scalingConfig"]["maximumConcurrency"]),
        )
        self._configuration = Configuration(self.deployed)
        self.courier = courier_of(self.deployed)
        self._landed = 0.0
        self._collected = 0.0
        for before in range(-_HOUR, 0, _RECONCILED_EVERY):
            self._reconcile(before)

    def step(self, now: int) -> None:
        """Do what happens in this second."""
        self._landed += self.rate
        while self._landed >= 1:
            self._landed -= 1
            if self.cause.fed is Fed.YES:
                self.queue.send(now)
        self._mapping.enabled = self.cause.mapping is Mapping.ENABLED
        self._mapping.step(now, self.metrics, self._invoke)
        if self.courier:
            self.courier.step(now, self.cause, self.metrics, self._published)
        elif now % _ROUND_SECONDS == 0:
            self._collect()
        if now % _MINUTE == _MONITOR_SECOND and self.cause.monitor:
            self._monitor(now)
        if now % _RECONCILED_EVERY == 0:
            self._reconcile(now)
        if now % _MINUTE == 0:
            self.queue.publish(self.metrics, now)
            self.dead_letters.publish(self.metrics, now)

    def _messages_by_state(self, now: float) -> tuple[int, int]:
        """Return how many messages are visible, and how many are not."""
        visible = self.queue.visible(now)
        return visible, len(self.queue.messages) - visible

    def _invoke(self, _batch: Sequence[Message]) -> Run:
        cause = self.cause

        def ends(batch: Sequence[Message], now: float) -> None:
            self._settle(batch, now, cause)

        return Run(cause.run_seconds, crashes=cause.crashes, throttled=cause.throttled, ends=ends)

    def _settle(self, batch: Sequence[Message], now: float, cause: Cause) -> None:
        """Do with each message what the function and Lambda do, and publish it."""
        outcomes = {each: cause.files if each.number % cause.every == 0 else BUNDLED for each in batch}
        report = BatchReport(
            messages={str(each.number): outcome for each, outcome in outcomes.items()},
            sent_at={str(each.number): each.sent_at for each in batch},
            moved={str(each.number) for each, outcome in outcomes.items() if outcome.kind is Outcome.REJECTED},
        )
        for message, outcome in outcomes.items():
            self._settle_one(message, outcome, now)
            if outcome.kind is Outcome.BUNDLED:
                waited = now - cause.run_seconds - message.sent_at
                report.latencies.append(Latency(0.5, max(waited, 0.0), cause.run_seconds))
        if report.latencies:
            self._mail(now)
        self._published(now, lambda: report_batch(report, self._stack, now))

    def _mail(self, now: float) -> None:
        if self.courier:
            self.courier.put(now)
        else:
            self.mailbox.append(now)

    def _settle_one(self, message: Message, outcome: FileOutcome, now: float) -> None:
        match outcome.kind:
            case Outcome.RETRY:
                wait = seconds_until_retry(outcome, message.receives, now, self._random.random(), self._longest_retry)
                self.queue.change_visibility(message, now + wait)
            case Outcome.REJECTED:
                # The function moves it itself.
                self.dead_letters.send(now)
                self.queue.delete(message)
            case _:
                self.queue.delete(message)

    def _collect(self) -> None:
        """Let the consumer take its share of what is there, the oldest first."""
        if self.cause.collected == 1.0:
            self.mailbox.clear()
            return
        # As many as come in a round, times the share.
        self._collected += self.cause.collected * _ROUND_SECONDS * self._bundles_per_second()
        while self._collected >= 1 and self.mailbox:
            self._collected -= 1
            del self.mailbox[0]

    def _bundles_per_second(self) -> float:
        return self.rate / (1 + self.rate * 10.5 / 5)

    def _monitor(self, now: float) -> None:
        self.metrics.put(key_of("AWS/Lambda", "Errors", {"FunctionName": self._monitor_function}), now, 0)
        inspector = self._configuration.inspector(self.cause, self._messages_by_state(now))
        self._published(now, lambda: publish_inspection(inspector.inspect(), self._stack))
        mailbox = self.courier.waiting if self.courier else self.mailbox
        oldest = max(now - min(mailbox), 0.0) if mailbox else 0.0
        waiting = [
            Metric(metric_names.MAILBOX_OBJECTS, MetricUnit.Count, [len(mailbox)]),
            Metric(metric_names.MAILBOX_OLDEST_AGE, MetricUnit.Seconds, [oldest]),
        ]
        if self.courier:
            waiting.append(Metric(metric_names.QUARANTINED, MetricUnit.Count, [self.courier.set_aside]))
        self._published(now, lambda: publish(metric_names.NAMESPACE, waiting, {metric_names.STACK: self._stack}))

    def _reconcile(self, now: float) -> None:
        """Reconciliation has nothing to announce: its alarm, the only one that looks back for an hour, stays off."""
        made = [
            Metric(metric_names.ANNOUNCED_AGAIN, MetricUnit.Count, [0]),
            Metric(metric_names.RECONCILED_AGE, MetricUnit.Seconds, [_HOUR]),
            # The registrar has the same schedule.
            Metric(metric_names.REGISTER_AGE, MetricUnit.Seconds, [_HOUR]),
        ]
        self._published(now, lambda: publish(metric_names.NAMESPACE, made, {metric_names.STACK: self._stack}))

    def _published(self, now: float, write: Callable[[], None]) -> None:
        with redirect_stdout(io.StringIO()) as log:
            write()
        for sample in samples(log.getvalue().splitlines()):
            self.metrics.put((sample.namespace, sample.name, frozenset(sample.dimensions)), now, sample.value)
