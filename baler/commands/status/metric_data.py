"""How CloudWatch is asked for metrics."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from baler.commands.status.health import MetricReading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NEWS: Final = timedelta(minutes=10)
"""What is published every minute, and is older than this, is no news."""
_MINUTE: Final = 60


class MetricData:
    """Asks for metrics.

    Args:
        client: boto3's CloudWatch client. Untyped: two calls do not earn a package of stubs.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def ask(
        self, start: datetime, end: datetime, queries: Sequence[Mapping[str, Any]]
    ) -> dict[str, list[MetricReading]]:
        """Return the readings by the queries' ids, newest first."""
        found: dict[str, list[MetricReading]] = {query["Id"]: [] for query in queries}
        pages = self._client.get_paginator("get_metric_data").paginate(
            MetricDataQueries=queries, StartTime=start, EndTime=end, ScanBy="TimestampDescending"
        )
        for page in pages:
            for result in page["MetricDataResults"]:
                found[result["Id"]] += [
                    MetricReading(value, at.astimezone(UTC))
                    for value, at in zip(result["Values"], result["Timestamps"], strict=True)
                ]
        return found


def whole_minutes(now: datetime, length: timedelta) -> tuple[datetime, datetime]:
    """Return a stretch of time that ends with this minute, which periods of minutes divide."""
    end = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return end - length, end


def query(  # noqa: PLR0913, PLR0917 - what a metric is
    query_id: str, namespace: str, name: str, dimensions: Mapping[str, str], statistic: str, period: int = _MINUTE
) -> dict[str, Any]:
    """Return a query for one statistic of a metric, by periods of so many seconds."""
    metric = {
        "Namespace": namespace,
        "MetricName": name,
        "Dimensions": [{"Name": dimension, "Value": value} for dimension, value in dimensions.items()],
    }
    return {"Id": query_id, "MetricStat": {"Metric": metric, "Period": period, "Stat": statistic}}


def metric_id(name: str) -> str:
    """Return an id that CloudWatch takes: a small letter, then letters, digits and underscores."""
    return name.lower().replace(".", "_").replace("-", "_")
