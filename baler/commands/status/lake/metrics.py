"""What CloudWatch is asked for of the lake."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from baler.commands.status.lake.health import LakeHour
from baler.commands.status.metric_data import NEWS, MetricData, metric_id, query, whole_minutes
from baler.lake import metric_names

if TYPE_CHECKING:
    from datetime import datetime

    from baler.commands.status.health import MetricReading

_HOUR: Final = timedelta(hours=1)
_COUNTED: Final = (
    metric_names.RECORDS_NEW,
    metric_names.RECORDS_REPLACED,
    metric_names.RECORDS_SET_ASIDE,
    metric_names.REQUESTS,
    metric_names.API_ERRORS,
    metric_names.RAW_OBJECTS_CURATED,
)
_MILLISECONDS: Final = 1000


class LakeMetrics:
    """The metrics of one stack's lake.

    Args:
        client: boto3's CloudWatch client.
        stack: the stack's name, as Baler's own metrics have it.
    """

    def __init__(self, client: Any, stack: str) -> None:
        self._data = MetricData(client)
        self._stack = {metric_names.STACK: stack}

    def left_age(self, now: datetime) -> MetricReading | None:
        """Return the newest age of what curation left in its queue."""
        start, end = whole_minutes(now, NEWS)
        asked = query("left", metric_names.NAMESPACE, metric_names.OLDEST_LEFT_AGE, self._stack, "Maximum")
        readings = self._data.ask(start, end, [asked])["left"]
        return readings[0] if readings else None

    def last_hour(self, now: datetime) -> LakeHour:
        """Return what passed in the last hour."""
        start, end = whole_minutes(now, _HOUR)
        seconds = int(_HOUR.total_seconds())
        counted = self._data.ask(
            start,
            end,
            [query(metric_id(name), metric_names.NAMESPACE, name, self._stack, "Sum", seconds) for name in _COUNTED],
        )
        new, replaced, set_aside, requests, errors, curated = (
            round(sum(reading.value for reading in counted[metric_id(name)])) for name in _COUNTED
        )
        # An hour without anything has no percentile.
        latency = self._percentile(now, metric_names.CURATION_LATENCY, "p95") if curated else None
        return LakeHour(
            new=new,
            replaced=replaced,
            set_aside=set_aside,
            requests=requests,
            errors=errors,
            p95=None if latency is None else latency / _MILLISECONDS,
            api_p99=self._percentile(now, metric_names.API_LATENCY, "p99") if requests else None,
        )

    def _percentile(self, now: datetime, name: str, percentile: str) -> float | None:
        start, end = whole_minutes(now, _HOUR)
        asked = query(
            "percentile",
            metric_names.NAMESPACE,
            name,
            self._stack,
            percentile,
            int(_HOUR.total_seconds()),
        )
        return max((reading.value for reading in self._data.ask(start, end, [asked])["percentile"]), default=None)
