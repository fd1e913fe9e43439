"""Curation behind a real queue: what an outage and what a bad object become of, in a deployed lake."""

from __future__ import annotations

import json
from contextlib import contextmanager
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import pytest
from harness.function_session import session_of
from harness.pipeline import wait_until
from harness.sightings import order

from baler.lake.raw_key import RawKey, RawMetadata
from sandbox.engine.endpoint import Endpoint
from sandbox.stack import deploy_local_stack

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from sandbox.iam.refusals import Refusal
    from sandbox.localstack.server import LocalStack

SOURCE = "jsonplaceholder"
# More failures than SQS hands a message over: had they been receives, it would be a dead letter.
OUTAGE_TRIES = 4


class Lake:
    """A deployed lake, whose raw bucket a test writes to in ingestion's place."""

    def __init__(self, outputs: dict[str, Any], aws: Endpoint) -> None:
        self.outputs = outputs
        self.aws = aws
        ingestion = session_of(aws, outputs["lakeIngestionFunction"])
        self._raw = Endpoint(aws.url, aws.region, ingestion).s3

    def ingest(self, at: str, generation: int, content: bytes) -> None:
        key = RawKey.of(SOURCE, order(at).captured_at, content)
        metadata = RawMetadata(SOURCE, "posts", order(at, generation), key.content_sha256, 0).written()
        self._raw.put_object(Bucket=self.outputs["lakeRawBucket"], Key=key.text, Body=content, Metadata=metadata)

    def ids(self) -> set[str]:
        items = self.aws.dynamodb.scan(TableName=self.outputs["lakeRecordsTable"], ConsistentRead=True)["Items"]
        return {item["id"].get("S", "") for item in items}

    def take_dead_letters(self) -> list[dict[str, str]]:
        """Receive dead letters and delete them; return their attributes."""
        url = self.outputs["lakeCurationDeadLetterQueueUrl"]
        answer: Any = self.aws.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
        messages = answer.get("Messages", [])
        for message in messages:
            self.aws.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [
            {name: each["StringValue"] for name, each in message.get("MessageAttributes", {}).items()}
            for message in messages
        ]

    def failures(self, reason: str) -> int:
        """How often curation said that it could not curate for a reason."""
        group = self.outputs["lakeCurationLogGroup"]
        pages = self.aws.logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        lines = [event.get("message", "") for page in pages for event in page["events"]]
        return sum('"a message is not done"' in line and f'"outcome":"{reason}"' in line for line in lines)

    @contextmanager
    def without_right(self, action: str) -> Generator[None]:
        configuration = self.aws.functions.get_function_configuration(FunctionName=self.outputs["lakeCurationFunction"])
        role, name = configuration["Role"].rpartition("/")[2], f"denied-{token_hex(3)}"
        denial = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": action, "Resource": "*"}]}
        self.aws.iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(denial))
        try:
            yield
        finally:
            self.aws.iam.delete_role_policy(RoleName=role, PolicyName=name)


@pytest.fixture(scope="module")
def lake(localstack: LocalStack) -> Lake:
    stack = deploy_local_stack(
        localstack.endpoint,
        pipelines=("lake",),
        # The clock fetches nothing from the world's sources, whose records have the same ids.
        overrides={"baler:lakeDashboard": False, "baler:lakeScheduleMinutes": 1440},
        name=f"test-{token_hex(3)}",
    )
    return Lake(dict(stack.outputs), Endpoint(stack.endpoint, stack.region))


def posts(*numbers: int) -> bytes:
    return json.dumps([{"id": each, "userId": 1, "title": "t", "body": "b"} for each in numbers]).encode()


@pytest.mark.requirement("LAKE-CURATE-04")
def test_an_outage_makes_no_dead_letter_however_many_tries_it_lasts(
    lake: Lake, refusals: Callable[[], list[Refusal]]
) -> None:
    with lake.without_right("dynamodb:BatchGetItem"):
        lake.ingest("2026-03-08T10:00", 1, posts(1, 2))
        wait_until("tries", lambda: lake.failures("unavailable"), lambda found: found >= OUTAGE_TRIES)
    wait_until("two records", lake.ids, lambda found: found >= {f"{SOURCE}-1", f"{SOURCE}-2"})
    assert lake.take_dead_letters() == []
    refusals()


@pytest.mark.requirement("LAKE-CURATE-04")
def test_what_cannot_be_read_is_a_dead_letter_after_three_tries_beside_what_can(lake: Lake) -> None:
    lake.ingest("2026-03-08T11:00", 1001, b"<html>")
    lake.ingest("2026-03-08T11:05", 2001, posts(3))
    wait_until("the good record", lake.ids, lambda found: f"{SOURCE}-3" in found)
    (letter,) = wait_until("a dead letter", lake.take_dead_letters, bool)
    assert (letter["reason"], letter["receive-count"]) == ("unreadable", "3")
