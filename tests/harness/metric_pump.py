"""What AWS does and LocalStack does not: makes metrics of the functions' log lines and of what waits in the queues.

CloudWatch reads metrics out of log lines (EMF); LocalStack keeps the lines only. Here exactly the values in the
functions' real lines are put as metrics. And SQS tells every minute how many messages wait in a queue, as LocalStack
does too; here it is every two seconds, since the alarms are in a hurry. The mailbox monitor, reconciliation and the
courier, which schedules invoke every 1 and 15 minutes, are invoked more often for the same reason. LocalStack itself
tells of messages sent and of errors.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from harness.alarms import name_of
from harness.emf import Sample, samples
from sandbox.engine.endpoint import Endpoint

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from harness.pipeline import Pipeline

_EVERY_SECONDS: Final = 2.0
_LOOKS_A_CENSUS: Final = 2


@contextmanager
def pumped_metrics(pipeline: Pipeline) -> Generator[None]:
    """Publish a pipeline's metrics until the block ends; what went wrong meanwhile is raised then."""
    stop = threading.Event()
    pump = _Pump(pipeline)
    failures: list[Exception] = []

    def run() -> None:
        looks = 0
        while not stop.is_set():
            try:
                pump.look(stats=looks % _LOOKS_A_CENSUS == 0)
            except Exception as error:  # noqa: BLE001 - raised in the test's own thread, at the end of the block
                failures.append(error)
                return
            looks += 1
            stop.wait(_EVERY_SECONDS)

    thread = threading.Thread(target=run, name="metric-pump")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        if failures:
            raise failures[0]


class _Pump:
    def __init__(self, pipeline: Pipeline) -> None:
        stack = pipeline.deployed
        # Clients of its own: it works beside the test.
        self._aws = Endpoint(stack.endpoint, stack.region)
        self._scheduled = [name_of(pipeline, part) for part in ("files-mailbox-monitor", "files-reconciliation")]
        self._groups = [stack.aggregator_log_group, *(f"/aws/lambda/{name}" for name in self._scheduled)]
        self._courier = stack.courier
        if stack.courier:
            self._groups.append(stack.courier.log_group)
        self._queues = [stack.ingest_queue_url, stack.dead_letter_queue_url]
        self._seen: set[str] = set()
        self._started = int(time.time() * 1000)

    def look(self, *, stats: bool) -> None:
        if stats:
            for function in self._scheduled:
                self._aws.functions.invoke(FunctionName=function)
            if self._courier:
                # Nobody waits for it: it may be at work for long.
                self._aws.functions.invoke(
                    FunctionName=self._courier.function, Qualifier="live", InvocationType="Event"
                )
        for group in self._groups:
            self._put(samples(self._new_lines(group)))
        for url in self._queues:
            self._put_depth(url)

    def _new_lines(self, group: str) -> Iterable[str]:
        pages = self._aws.logs.get_paginator("filter_log_events")
        for page in pages.paginate(logGroupName=group, startTime=self._started):
            for event in page["events"]:
                identity = event.get("eventId", "")
                if identity not in self._seen:
                    self._seen.add(identity)
                    yield event.get("message", "")

    def _put(self, found: Iterable[Sample]) -> None:
        by_metric: defaultdict[tuple[Any, ...], list[float]] = defaultdict(list)
        for sample in found:
            by_metric[sample.namespace, sample.name, sample.dimensions, sample.unit, sample.at].append(sample.value)
        for (namespace, name, dimensions, unit, at), values in by_metric.items():
            metric = {
                "MetricName": name,
                "Dimensions": [{"Name": dimension, "Value": value} for dimension, value in dimensions],
                "Unit": unit,
                "Timestamp": datetime.fromtimestamp(at, UTC),
                "Values": values,
            }
            self._aws.cloudwatch.put_metric_data(Namespace=namespace, MetricData=[metric])

    def _put_depth(self, url: str) -> None:
        name = "ApproximateNumberOfMessages"
        found = self._aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"]
        metric = {
            "MetricName": f"{name}Visible",
            "Dimensions": [{"Name": "QueueName", "Value": url.rpartition("/")[2]}],
            "Unit": "Count",
            "Value": float(found[name]),
        }
        self._aws.cloudwatch.put_metric_data(Namespace="AWS/SQS", MetricData=[metric])
