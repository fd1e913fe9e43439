"""What CloudWatch is asked for of the event stream."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from baler.commands.status.events.health import LastHour, NewestEventMetrics
from baler.commands.status.health import MetricReading
from baler.commands.status.metric_data import NEWS, MetricData, metric_id, query, whole_minutes
from baler.events import metric_names

if TYPE_CHECKING:
    from datetime import datetime

_HOUR: Final = timedelta(hours=1)
_PERCENTILES: Final = ("p50", "p95", "p99")
_COUNTS: Final = (metric_names.EVENTS, metric_names.REJECTED, metric_names.SET_ASIDE)
_COUNTED: Final = (*_COUNTS, metric_names.PROCESSED)
_MILLISECONDS: Final = 1000


class EventMetrics:
    """The metrics of one stack's event stream.

    Args:
        client: boto3's CloudWatch client.
        stack: the stack's name, as Baler's own metrics have it.
        stream: the stream's name.
    """

    def __init__(self, client: Any, stack: str, stream: str) -> None:
        self._data = MetricData(client)
        self._stack = {metric_names.STACK: stack}
        self._stream = {"StreamName": stream}

    def measured(self, now: datetime) -> NewestEventMetrics:
        """Return the newest values of what waits."""
        start, end = whole_minutes(now, NEWS)
        own = {
            "batch_age": metric_names.BATCH_AGE,
            "left_age": metric_names.OLDEST_LEFT_AGE,
            "compaction_delay": metric_names.COMPACTION_DELAY,
        }
        found = self._data.ask(
            start,
            end,
            [
                query("iterator", "AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", self._stream, "Maximum"),
                *(query(name, metric_names.NAMESPACE, metric, self._stack, "Maximum") for name, metric in own.items()),
            ],
        )
        newest = {name: readings[0] for name, readings in found.items() if readings}
        iterator = newest.get("iterator")
        return NewestEventMetrics(
            batch_age=newest.get("batch_age"),
            iterator_age=None if iterator is None else MetricReading(iterator.value / _MILLISECONDS, iterator.at),
            left_age=newest.get("left_age"),
            compaction_delay=newest.get("compaction_delay"),
        )

    def last_hour(self, now: datetime) -> LastHour:
        """Return what passed in the last hour; every object is a value of the latency, so percentiles are exact."""
        start, end = whole_minutes(now, _HOUR)
        seconds = int(_HOUR.total_seconds())
        counted = self._data.ask(
            start,
            end,
            [query(metric_id(name), metric_names.NAMESPACE, name, self._stack, "Sum", seconds) for name in _COUNTED],
        )
        counts = {name: round(sum(reading.value for reading in counted[metric_id(name)])) for name in _COUNTED}
        events, rejected, set_aside = (counts[name] for name in _COUNTS)
        if not counts[metric_names.PROCESSED]:
            # An hour without objects has no percentiles.
            return LastHour(events, rejected, set_aside)
        found = self._data.ask(
            start,
            end,
            [
                query(metric_id(each), metric_names.NAMESPACE, metric_names.EVENT_LATENCY, self._stack, each, seconds)
                for each in _PERCENTILES
            ],
        )
        p50, p95, p99 = (
            max((reading.value for reading in found[metric_id(each)]), default=None) for each in _PERCENTILES
        )
        return LastHour(events, rejected, set_aside, p50, p95, p99)
