"""The check of the integration suite that no content is told would notice each way of telling it."""

from __future__ import annotations

import base64
import json
import time
from typing import Any, cast

import boto3
import pytest
from harness.content_check import MARKER, Content, told_by
from harness.events import s3_event, s3_record
from moto import mock_aws

BODY = b'{"reading": "twenty-one degrees"}\n\xff'


@pytest.fixture
def content() -> Content:
    content = Content()
    content.landed("device/reading-of-today", BODY)
    content.landed("the same in the key", b"the same in the key")
    content.landed("short", b"short")
    content.sent("not json")
    content.sent(s3_event(s3_record("device/reading-of-today")))
    return content


@pytest.mark.parametrize(
    "line",
    [
        f"metadata: {MARKER}",
        repr(BODY),
        json.dumps({"body": BODY.decode(errors="replace")}),
        "malformed: not json",
        json.dumps({"records": [{"body": s3_event(s3_record("device/reading-of-today"))}]}),
        f"a message: {s3_event(s3_record('device/reading-of-today'))}",
    ],
    # The marker is another in every process, and workers agree on tests by their names.
    ids=["marker", "body", "body in JSON", "message", "record", "event"],
)
def test_a_line_with_content_in_it_is_found_and_named(content: Content, line: str) -> None:
    assert content.leaks([("log", "nothing"), ("log", line)]) == [f"log: {line}"]


@pytest.mark.parametrize(
    "line",
    [
        '{"message": "left a file in the queue", "key": "device/reading-of-today", "version_id": "v1"}',
        "the same in the key",
        "a short word",
        base64.b64encode(bytes(32)).decode(),
    ],
)
def test_a_key_or_a_word_is_no_content(content: Content, line: str) -> None:
    assert content.leaks([("log", line)]) == []


@mock_aws
def test_every_line_of_every_stream_of_every_group_is_looked_at_and_every_metric() -> None:
    session = boto3.Session("test", "test", region_name="eu-west-2")
    logs, cloudwatch = session.client("logs"), cast("Any", session).client("cloudwatch")
    at = int(time.time() * 1000)
    # More than a page of groups, and in one of them more than a page of lines, in two streams.
    groups = {f"group-{number:02}": [f"{number}"] for number in range(60)}
    groups["group-07"] = [f"line {number}" for number in range(12_000)]
    for name, lines in groups.items():
        logs.create_log_group(logGroupName=name)
        for stream, part in (("a", lines[::2]), ("b", lines[1::2])):
            logs.create_log_stream(logGroupName=name, logStreamName=stream)
            events: Any = [{"timestamp": at + number, "message": line} for number, line in enumerate(part)]
            if events:
                logs.put_log_events(logGroupName=name, logStreamName=stream, logEvents=events)
    dimensions = [{"Name": "reason", "Value": "told"}]
    cloudwatch.put_metric_data(
        Namespace="Baler", MetricData=[{"MetricName": "Rejected", "Value": 1, "Dimensions": dimensions}]
    )
    *lines, (teller, metric) = told_by(logs, cloudwatch)
    assert sorted(lines) == sorted((name, line) for name, told in groups.items() for line in told)
    assert (teller, json.loads(metric)["Dimensions"]) == ("a metric", dimensions)
