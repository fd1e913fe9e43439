"""What is on its way between AWS's services: as AWS writes it, and late or twice where a profile says so."""

from __future__ import annotations

import json
from secrets import token_hex
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

import pytest
from harness.pipeline import wait_until

from sandbox.engine.endpoint import Endpoint
from sandbox.localstack.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.localstack.server import LocalStack

REGION = "eu-west-2"


class Queue:
    """A queue of a test's own."""

    def __init__(self, aws: Endpoint) -> None:
        self.sqs = aws.sqs
        self.name = f"deliveries-{token_hex(4)}"
        self.url = self.sqs.create_queue(QueueName=self.name)["QueueUrl"]
        self.arn = f"arn:aws:sqs:{REGION}:000000000000:{self.name}"

    def receive(self, *, visibility_seconds: int = 600) -> list[Any]:
        answer = self.sqs.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=10, VisibilityTimeout=visibility_seconds
        )
        return [*answer.get("Messages", [])]

    def receive_until(self, number: int) -> list[Any]:
        """Return so many messages, which stay in flight."""
        received: list[Any] = []

        def more() -> int:
            received.extend(self.receive())
            return len(received)

        wait_until(f"{number} messages", more, lambda count: count >= number)
        return received


@pytest.fixture(scope="module")
def aws(localstack: LocalStack) -> Endpoint:
    return Endpoint(localstack.endpoint, REGION)


@pytest.fixture
def wire(localstack: LocalStack) -> Iterator[Wire]:
    of_localstack = Wire(localstack.endpoint)
    yield of_localstack
    of_localstack.clear()


@pytest.fixture
def queue(aws: Endpoint) -> Iterator[Queue]:
    made = Queue(aws)
    yield made
    made.sqs.delete_queue(QueueUrl=made.url)


@pytest.fixture
def bucket(aws: Endpoint, queue: Queue) -> str:
    """A bucket whose events come into the queue."""
    s3 = {"Service": "s3.amazonaws.com"}
    send = {"Effect": "Allow", "Principal": s3, "Action": "sqs:SendMessage", "Resource": queue.arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [send]})
    queue.sqs.set_queue_attributes(QueueUrl=queue.url, Attributes={"Policy": policy})
    aws.s3.create_bucket(Bucket=queue.name, CreateBucketConfiguration={"LocationConstraint": REGION})
    rings: Any = {"QueueConfigurations": [{"QueueArn": queue.arn, "Events": ["s3:ObjectCreated:*"]}]}
    aws.s3.put_bucket_notification_configuration(Bucket=queue.name, NotificationConfiguration=rings)
    (test,) = queue.receive_until(1)
    queue.sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=test["ReceiptHandle"])
    return queue.name


def objects_in(messages: list[Any]) -> list[Any]:
    return [record["s3"]["object"] for message in messages for record in json.loads(message["Body"])["Records"]]


def test_an_event_writes_a_key_as_forms_do_and_numbers_it(aws: Endpoint, queue: Queue, bucket: str) -> None:
    keys = ["a b/c+d", "a b/c+d", "Ünïcödé=1"]
    for key in keys:
        aws.s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    objects = sorted(objects_in(queue.receive_until(3)), key=lambda each: each["sequencer"])
    assert [each["key"] for each in objects] == ["a+b/c%2Bd", "a+b/c%2Bd", "%C3%9Cn%C3%AFc%C3%B6d%C3%A9%3D1"]
    assert [unquote_plus(each["key"]) for each in objects] == keys
    assert len({each["sequencer"] for each in objects}) == 3


def test_events_come_late_and_twice(aws: Endpoint, queue: Queue, bucket: str, wire: Wire) -> None:
    wire.put({"name": "late", "events": {"delay": {"p50_ms": 300, "p99_ms": 600}, "twice": 1}})
    aws.s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    first, second = objects_in(queue.receive_until(2))
    assert first == second
    counts = wait_until("its end", wire.counts, lambda counts: counts.on_the_way == 0)
    # Other tests' stacks may put objects meanwhile.
    assert counts.faults["s3"]["event-twice"] >= 1
    assert counts.faults["s3"]["event-delayed"] >= 2


def test_a_message_that_was_deleted_may_be_received_again(queue: Queue, wire: Wire) -> None:
    wire.put({"name": "undeleted", "messages": {"undeleted": 1}})
    queue.sqs.send_message(QueueUrl=queue.url, MessageBody="once")
    (message,) = queue.receive_until(1)
    queue.sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])
    (again,) = queue.receive_until(1)
    assert (again["MessageId"], again["Body"]) == (message["MessageId"], "once")
    wire.clear()
    queue.sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=again["ReceiptHandle"])
    gone = queue.sqs.get_queue_attributes(QueueUrl=queue.url, AttributeNames=["All"])["Attributes"]
    assert gone["ApproximateNumberOfMessages"] == gone["ApproximateNumberOfMessagesNotVisible"] == "0"


def test_a_message_may_be_received_again_before_its_visibility_timeout_ends(queue: Queue, wire: Wire) -> None:
    wire.put({"name": "early", "messages": {"early": 1}})
    queue.sqs.send_message(QueueUrl=queue.url, MessageBody="once")
    first, second = queue.receive_until(2)  # each for ten minutes
    assert first["MessageId"] == second["MessageId"]
    wire.clear()
    queue.sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=second["ReceiptHandle"])
