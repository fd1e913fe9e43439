"""How Lambda reads a queue: batches beside each other, up to the mapping's maximum concurrency."""

from __future__ import annotations

import io
import json
import textwrap
import zipfile
from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import pytest
from harness.pipeline import wait_until

from sandbox.engine.endpoint import Endpoint

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox.localstack.server import LocalStack

REGION = "eu-west-2"
ACCOUNT = "000000000000"
AT_ONCE = 2
# Notes that it begins and ends; where a message says so it ends only when `AT_ONCE` of them have begun, or fails.
WORKER = textwrap.dedent(
    """
    import os, time
    import boto3

    s3, bucket = boto3.client("s3"), os.environ["BUCKET"]

    def noted(prefix):
        return {item["Key"] for item in s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", ())}

    def note(what, name):
        s3.put_object(Bucket=bucket, Key=f"{what}/{name}")

    def handle(event, context):
        failures = []
        name = context.aws_request_id
        note("begun", name)
        # Begins are looked at first: what ends meanwhile can only make too few of it.
        begun = noted("begun/")
        note("beside", f"{len(begun) - len(noted('ended/'))}/{name}")
        for record in event["Records"]:
            note("received", f"{time.time_ns()}/{record['body']}/{record['attributes']['ApproximateReceiveCount']}")
            while "waits" in record["body"] and len(noted("begun/")) < int(os.environ["AT_ONCE"]):
                time.sleep(0.1)
            if "fails" in record["body"]:
                failures.append({"itemIdentifier": record["messageId"]})
        note("ended", name)
        return {"batchItemFailures": failures}
    """
)


@dataclass
class Workers:
    """A queue, and a function that reads it and writes down what it does."""

    aws: Endpoint
    name: str
    queue: str
    mapping: str

    def send(self, *bodies: str) -> None:
        for body in bodies:
            fifo: Any = {"MessageGroupId": "one", "MessageDeduplicationId": body} if self.queue.endswith("fifo") else {}
            self.aws.sqs.send_message(QueueUrl=self.queue, MessageBody=body, **fifo)

    def noted(self, what: str) -> list[str]:
        listed = self.aws.s3.list_objects_v2(Bucket=self.name, Prefix=f"{what}/").get("Contents", [])
        return sorted(item.get("Key", "").removeprefix(f"{what}/") for item in listed)

    def bodies(self) -> list[str]:
        """The messages that were received, in their order."""
        return [received.split("/")[1] for received in self.noted("received")]

    def left(self) -> int:
        names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        attributes = self.aws.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=names)["Attributes"]
        return sum(int(attributes[name]) for name in names)

    def wait_until_empty(self) -> None:
        wait_until("an empty queue", self.left, lambda left: left == 0)


def made_workers(aws: Endpoint, *, suffix: str = "") -> Workers:
    """Make them; messages come in batches of one."""
    name = f"readers-{token_hex(4)}"
    aws.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    attributes: Any = {"VisibilityTimeout": "120", **({"FifoQueue": "true"} if suffix else {})}
    queue = aws.sqs.create_queue(QueueName=name + suffix, Attributes=attributes)["QueueUrl"]
    queue_arn = aws.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("worker.py", WORKER)
    function = aws.functions.create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role=role_of_worker(aws, name),
        Handler="worker.handle",
        Code={"ZipFile": buffer.getvalue()},
        Environment={"Variables": {"BUCKET": name, "AT_ONCE": str(AT_ONCE)}},
        Timeout=120,
    )["FunctionName"]
    mapping = aws.functions.create_event_source_mapping(
        EventSourceArn=queue_arn,
        FunctionName=function,
        BatchSize=1,
        ScalingConfig={"MaximumConcurrency": AT_ONCE},
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )["UUID"]
    return Workers(aws, name, queue, mapping)


def role_of_worker(aws: Endpoint, name: str) -> str:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    arn = aws.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
    actions = [
        *("s3:PutObject", "s3:ListBucket", "logs:CreateLog*", "logs:PutLogEvents"),
        *("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    ]
    allowed = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    aws.iam.put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=document(allowed))
    return arn


def document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def aws(localstack: LocalStack) -> Endpoint:
    return Endpoint(localstack.endpoint, REGION)


@pytest.fixture
def workers(aws: Endpoint) -> Iterator[Workers]:
    made = made_workers(aws)
    yield made
    aws.functions.delete_event_source_mapping(UUID=made.mapping)


@pytest.fixture
def ordered(aws: Endpoint) -> Iterator[Workers]:
    made = made_workers(aws, suffix=".fifo")
    yield made
    aws.functions.delete_event_source_mapping(UUID=made.mapping)


def most_at_once(beside: Sequence[str]) -> int:
    return max(int(noted.partition("/")[0]) for noted in beside)


def test_as_many_batches_are_at_work_as_the_mapping_lets_and_no_more(workers: Workers) -> None:
    # Neither of the first two ends before the other has begun.
    workers.send("a waits", "b waits", "c", "d", "e", "f")
    workers.wait_until_empty()
    assert sorted(workers.bodies()) == ["a waits", "b waits", "c", "d", "e", "f"]
    assert most_at_once(workers.noted("beside")) == AT_ONCE


def test_what_one_batch_failed_is_kept_and_what_another_did_beside_it_is_deleted(workers: Workers) -> None:
    workers.send("a waits fails", "b waits", "c")
    wait_until("one message", workers.left, lambda left: left == 1)
    wait_until("three batches", lambda: workers.noted("ended"), lambda ended: len(ended) == 3)
    assert workers.left() == 1
    assert sorted(workers.bodies()) == ["a waits fails", "b waits", "c"]


def test_a_mapping_is_there_until_its_batches_have_ended(aws: Endpoint) -> None:
    workers = made_workers(aws)
    workers.send("a waits")
    wait_until("its begin", lambda: workers.noted("begun"), bool)
    aws.functions.delete_event_source_mapping(UUID=workers.mapping)
    workers.aws.s3.put_object(Bucket=workers.name, Key="begun/so-that-it-ends")
    wait_until(
        "no mapping",
        lambda: aws.functions.list_event_source_mappings(FunctionName=workers.name)["EventSourceMappings"],
        lambda mappings: not mappings,
    )
    assert workers.left() == 0


def test_messages_of_a_fifo_queue_keep_their_order(ordered: Workers) -> None:
    bodies = [str(number) for number in range(8)]
    ordered.send(*bodies)
    ordered.wait_until_empty()
    assert ordered.bodies() == bodies
    assert most_at_once(ordered.noted("beside")) == 1
