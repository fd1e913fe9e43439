"""What the load test finds in the processed bucket, on moto."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3
from moto import mock_aws

from loadtest.events.ledger import Place
from loadtest.events.watch import ProcessedWatch

if TYPE_CHECKING:
    import pytest

STARTED = datetime(2026, 11, 26, 13, 59, 50, tzinfo=UTC).timestamp()


def line(number: int) -> str:
    return json.dumps({"original_data": {"kinesis": {"shard_id": "shard", "sequence_number": str(number)}}})


def test_each_object_of_the_runs_hours_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="processed")
        watch = ProcessedWatch(s3, "processed", STARTED)
        folders = [f"processed/event_type=metric/year=2026/month=11/day=26/hour={hour}" for hour in (12, 13, 14)]
        for number, folder in enumerate(folders):
            s3.put_object(Bucket="processed", Key=f"{folder}/data.json", Body=f"{line(number)}\n".encode())

        found = [place for places, _ in watch.look(STARTED + 20) for place in places]

        assert found == [Place("shard", "1"), Place("shard", "2")]
        assert list(watch.look(STARTED + 20)) == []
