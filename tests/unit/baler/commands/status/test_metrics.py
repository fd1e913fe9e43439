"""What CloudWatch is asked for, with botocore's stub in its place: moto has no percentiles."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import boto3
import pytest
from botocore.stub import Stubber

from baler.commands.status.health import LatencyPercentiles
from baler.commands.status.metrics import Metrics

NOW = datetime(2026, 11, 21, 12, 31, 7, tzinfo=UTC)
HOUR = (datetime(2026, 11, 21, 11, 32, tzinfo=UTC), datetime(2026, 11, 21, 12, 32, tzinfo=UTC))


def query(identity: str, statistic: str) -> dict[str, Any]:
    metric = {
        "Namespace": "Baler/Files",
        "MetricName": "Latency",
        "Dimensions": [{"Name": "stack", "Value": "prod"}],
    }
    return {"Id": identity, "MetricStat": {"Metric": metric, "Period": 3600, "Stat": statistic}}


def answer(**values: list[float]) -> dict[str, Any]:
    return {
        "MetricDataResults": [
            {"Id": identity, "Values": found, "Timestamps": [HOUR[0]] * len(found)}
            for identity, found in values.items()
        ]
    }


def asked(*queries: dict[str, Any]) -> dict[str, Any]:
    return {
        "MetricDataQueries": list(queries),
        "StartTime": HOUR[0],
        "EndTime": HOUR[1],
        "ScanBy": "TimestampDescending",
    }


@pytest.fixture
def client() -> Any:
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return cast("Any", boto3).client("cloudwatch", region_name="eu-west-2", **keys)


def latency(client: Any, *rounds: tuple[dict[str, Any], dict[str, Any]]) -> LatencyPercentiles:
    with Stubber(client) as stub:
        for expected, found in rounds:
            stub.add_response("get_metric_data", found, expected)
        got = Metrics(client, "prod", ["https://sqs/1/ingest"]).latency(NOW)
        stub.assert_no_pending_responses()
        return got


COUNTED = asked(query("samplecount", "SampleCount"))
PERCENTILES = asked(query("p50", "p50"), query("p95", "p95"), query("p99_9", "p99.9"))


def test_the_percentiles_are_of_every_file_of_one_whole_hour(client: Any) -> None:
    found = latency(
        client, (COUNTED, answer(samplecount=[36_000.0])), (PERCENTILES, answer(p50=[11.5], p95=[14.0], p99_9=[61.0]))
    )
    assert found == LatencyPercentiles(36_000, 11.5, 14.0, 61.0)


def test_an_hour_without_files_has_no_percentiles(client: Any) -> None:
    assert latency(client, (COUNTED, answer(samplecount=[]))) == LatencyPercentiles(0)


def test_of_an_hour_that_is_cut_in_two_the_worse_part_counts(client: Any) -> None:
    halves = answer(p50=[10.0, 12.0], p95=[200.0, 14.0], p99_9=[201.0, 15.0])
    found = latency(client, (COUNTED, answer(samplecount=[1.0, 2.0])), (PERCENTILES, halves))
    assert found == LatencyPercentiles(3, 12.0, 200.0, 201.0)
