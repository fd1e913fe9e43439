"""What CloudWatch is asked for: the newest values of what waits, and the latency of the last hour."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from baler.commands.status.health import LatencyPercentiles, MetricReading, NewestMetrics
from baler.commands.status.metric_data import NEWS, MetricData, metric_id, query, whole_minutes
from baler.files import metric_names
from baler.files.courier.breaker import Cause
from baler.files.path_fault import GAUGE

if TYPE_CHECKING:
    from collections.abc import Sequence

# What the monitor found wrong is so until it finds nothing: it has no value of 0 by reason.
_FAULT_NEWS: Final = timedelta(minutes=3)
_HOUR: Final = timedelta(hours=1)
_PERCENTILES: Final = ("p50", "p95", "p99.9")


class Metrics:
    """The metrics of one stack.

    Args:
        client: boto3's CloudWatch client. Untyped: two calls do not earn a package of stubs.
        stack: the stack's name, as Baler's own metrics have it.
        queue_urls: of the ingest queue, one for each lane.
    """

    def __init__(self, client: Any, stack: str, queue_urls: Sequence[str]) -> None:
        self._data = MetricData(client)
        self._stack = {metric_names.STACK: stack}
        self._queues = {f"queue_age_{place}": url.rpartition("/")[2] for place, url in enumerate(queue_urls)}

    def measured(self, now: datetime) -> NewestMetrics:
        """Return the newest values of what waits, and what the monitor has just found wrong."""
        start, end = whole_minutes(now, NEWS)
        found = self._data.ask(
            start,
            end,
            [
                *(
                    query(field, "AWS/SQS", "ApproximateAgeOfOldestMessage", {"QueueName": queue}, "Maximum")
                    for field, queue in self._queues.items()
                ),
                *(
                    query(field, metric_names.NAMESPACE, name, self._stack, "Maximum")
                    for field, name in (
                        ("mailbox_objects", metric_names.MAILBOX_OBJECTS),
                        ("mailbox_bytes", metric_names.MAILBOX_BYTES),
                        ("mailbox_age", metric_names.MAILBOX_OLDEST_AGE),
                        ("left_age", metric_names.OLDEST_LEFT_AGE),
                        ("breaker_open", metric_names.BREAKER_OPEN),
                        ("quarantined", metric_names.QUARANTINED),
                    )
                ),
                *(
                    query(
                        metric_id(cause),
                        metric_names.NAMESPACE,
                        metric_names.BREAKER_OPEN_SECONDS,
                        {**self._stack, metric_names.REASON: cause},
                        "Maximum",
                    )
                    for cause in Cause
                ),
                *(
                    query(fault, metric_names.NAMESPACE, gauge, {**self._stack, metric_names.REASON: fault}, "Maximum")
                    for fault, gauge in GAUGE.items()
                ),
            ],
        )
        newest = {name: readings[0] for name, readings in found.items() if readings}
        faults = {fault: newest[fault] for fault in GAUGE if fault in newest and now - newest[fault].at < _FAULT_NEWS}
        return NewestMetrics(
            queue_age=max((newest[field] for field in self._queues if field in newest), key=_value, default=None),
            mailbox_objects=newest.get("mailbox_objects"),
            mailbox_bytes=newest.get("mailbox_bytes"),
            mailbox_age=newest.get("mailbox_age"),
            left_age=newest.get("left_age"),
            faults={str(fault): reading for fault, reading in faults.items()},
            breaker_open=newest.get("breaker_open"),
            open_seconds={str(cause): newest[metric_id(cause)] for cause in Cause if metric_id(cause) in newest},
            quarantined=newest.get("quarantined"),
        )

    def latency(self, now: datetime) -> LatencyPercentiles:
        """Return how late the files of the last hour were: exact, since every file is a value of the metric."""
        start, end = whole_minutes(now, _HOUR)
        # The number of files first: an hour without files has no percentiles.
        files = round(sum(reading.value for reading in self._of_hour(start, end, "SampleCount")["samplecount"]))
        if not files:
            return LatencyPercentiles(0)
        found = self._of_hour(start, end, *_PERCENTILES)
        # One period. Should CloudWatch cut the hour in two, the worse part counts.
        p50, p95, p99_9 = (
            max((reading.value for reading in found[metric_id(percentile)]), default=None)
            for percentile in _PERCENTILES
        )
        return LatencyPercentiles(files, p50, p95, p99_9)

    def _of_hour(self, start: datetime, end: datetime, *statistics: str) -> dict[str, list[MetricReading]]:
        seconds = int(_HOUR.total_seconds())
        return self._data.ask(
            start,
            end,
            [
                query(metric_id(each), metric_names.NAMESPACE, metric_names.LATENCY, self._stack, each, seconds)
                for each in statistics
            ],
        )


def _value(reading: MetricReading) -> float:
    return reading.value
