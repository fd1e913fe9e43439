"""What CloudWatch has of a metric in the sandbox, where metrics come within a second or two."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.engine.endpoint import Endpoint


def measured(aws: Endpoint, namespace: str, name: str, statistic: str = "Sum", **dimensions: str) -> float | None:
    """A statistic of a metric over the last hour; None where it has no sample."""
    now = datetime.now(UTC)
    metric = {
        "Namespace": namespace,
        "MetricName": name,
        "Dimensions": [{"Name": dimension, "Value": value} for dimension, value in dimensions.items()],
    }
    answer = aws.cloudwatch.get_metric_data(
        MetricDataQueries=[{"Id": "m", "MetricStat": {"Metric": metric, "Period": 7200, "Stat": statistic}}],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=1),
    )
    [result] = answer["MetricDataResults"]
    return result["Values"][0] if result["Values"] else None
