from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws
from typer.testing import CliRunner

from baler.cli.exit_codes import ExitCode
from baler.cli.main import app
from baler.commands.events.reprocess import ListedObject, raw_objects_of
from baler.events.announcement import Announcement, announcements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typer.testing import Result

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
DAY = "year=2026/month=11/day=20"
NUMBERS = f"1700000000.shardId-000000000000_{'1' * 56}_{'2' * 56}"


def raw_key(event_type: str, hour: int, digit: str = "a") -> str:
    return f"raw/event_type={event_type}/{DAY}/hour={hour:02}/data_{NUMBERS}_{digit * 64}.json"


@pytest.fixture
def queue_url(aws_settings: None) -> Iterator[str]:  # noqa: ARG001 - none of the shell's
    with mock_aws():
        s3 = boto3.client("s3")
        where = {"LocationConstraint": boto3.Session().region_name or "eu-west-2"}
        s3.create_bucket(Bucket="raw", CreateBucketConfiguration=where)  # type: ignore[typeddict-item]
        yield boto3.client("sqs").create_queue(QueueName="transform")["QueueUrl"]


def put(*keys: str, storage_class: Any = "STANDARD") -> None:
    for key in keys:
        boto3.client("s3").put_object(Bucket="raw", Key=key, Body=b"{}", StorageClass=storage_class)


def reprocess(queue_url: str, *words: str) -> Result:
    options = ("--raw-bucket", "raw", "--transform-queue-url", queue_url, "--rate", "3000")
    return CliRunner().invoke(app, ["events", "reprocess", *options, *words])


def announced(queue_url: str) -> list[str]:
    keys: list[str] = []
    while messages := boto3.client("sqs").receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            (found,) = announcements(message.get("Body", ""), "raw")
            assert isinstance(found, Announcement)
            keys.append(found.key)
    return sorted(keys)


def test_the_raw_objects_of_a_range_are_announced_as_s3_does(queue_url: str) -> None:
    wanted = [raw_key("metric", hour, digit) for hour in (9, 10) for digit in "01234567"]
    put(*wanted, raw_key("metric", 8), raw_key("metric", 11), raw_key("transaction", 9))

    result = reprocess(queue_url, "--from", "2026-11-20T09:30", "--to", "2026-11-20T11:00", "--type", "metric")

    assert result.exit_code == ExitCode.OK
    assert "Announced 16 objects to the transformer." in result.output
    assert announced(queue_url) == sorted(wanted)


def test_a_day_is_meant_with_all_its_hours_and_types(queue_url: str) -> None:
    put(raw_key("metric", 0), raw_key("transaction", 23))

    reprocess(queue_url, "--from", "2026-11-20", "--to", "2026-11-20")

    assert announced(queue_url) == [raw_key("metric", 0), raw_key("transaction", 23)]


def test_what_the_processor_did_not_write_is_left_out(queue_url: str) -> None:
    put(f"raw/event_type=metric/{DAY}/hour=09/readme.txt")

    assert "Announced 0 objects" in reprocess(queue_url, "--from", "2026-11-20", "--to", "2026-11-20").output


def test_what_is_in_glacier_is_named_to_be_restored_first(queue_url: str) -> None:
    put(raw_key("metric", 9), storage_class="GLACIER")
    put(raw_key("metric", 10))

    result = reprocess(queue_url, "--from", "2026-11-20", "--to", "2026-11-20", "--json")

    assert result.exit_code == ExitCode.NEEDS_ATTENTION
    events = [json.loads(line) for line in result.output.splitlines()]
    assert [each["key"] for each in events if each["event"] == "archived"] == [raw_key("metric", 9)]
    assert announced(queue_url) == [raw_key("metric", 10)]


def test_a_dry_run_sends_nothing(queue_url: str) -> None:
    put(raw_key("metric", 9))

    result = reprocess(queue_url, "--from", "2026-11-20", "--to", "2026-11-20", "--dry-run")

    assert "Would announce 1 object to the transformer." in result.output
    assert announced(queue_url) == []


@pytest.mark.parametrize(
    "words",
    [
        ("--from", "2026-11-20", "--type", "metric/../x"),
        ("--from", "2020-01-01", "--to", "2026-11-20"),
        ("--from", "yesterday"),
    ],
)
def test_a_range_or_type_that_is_none_is_refused(queue_url: str, words: tuple[str, ...]) -> None:
    assert reprocess(queue_url, *words).exit_code == ExitCode.USAGE


def test_a_restored_object_can_be_read() -> None:
    class Listing:
        """S3, as far as it lists; moto does not say what is restored."""

        def get_paginator(self, _name: str) -> Listing:
            return self

        def paginate(self, **_asked: object) -> list[dict[str, Any]]:
            archived = {"LastModified": AT, "StorageClass": "GLACIER"}
            restored = {**archived, "RestoreStatus": {"IsRestoreInProgress": False, "RestoreExpiryDate": AT}}
            running = {**archived, "RestoreStatus": {"IsRestoreInProgress": True}}
            keys = [raw_key("metric", 9, digit) for digit in "ab"]
            return [{"Contents": [{"Key": keys[0], **restored}, {"Key": keys[1], **running}]}]

    found = list(raw_objects_of(Listing(), "raw", ["metric"], [AT]))

    assert found == [
        ListedObject(raw_key("metric", 9, "a"), AT.timestamp(), readable=True),
        ListedObject(raw_key("metric", 9, "b"), AT.timestamp(), readable=False),
    ]
