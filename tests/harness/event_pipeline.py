"""An event stream deployed on LocalStack, as tests handle it. Nothing of it is fake but the cloud."""

from __future__ import annotations

import base64
import json
import time
from contextlib import contextmanager
from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final

from baler.events.announcement import message_of
from harness.pipeline import wait_until
from sandbox.demo.events.found import batches_of, keys_of, left_in, lines_of, messages_in
from sandbox.engine.endpoint import Endpoint
from sandbox.iam.parties import endpoint_of

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from sandbox.demo.events.found import Batch, Line
    from sandbox.deployed import DeployedEvents

_CALL: Final = 500
_BATCH: Final = 100
_ALIAS: Final = "live"


@dataclass(frozen=True)
class Sent:
    """A record, and where it lies in the stream."""

    shard_id: str
    sequence_number: str
    partition_key: str
    content: bytes


class EventPipeline:
    """The deployed stream, and clients for it."""

    def __init__(self, deployed: DeployedEvents) -> None:
        self.deployed = deployed
        self.aws = endpoint_of(deployed, "operator")
        # The operator may not decrypt the stream; only its functions may, and who administers the account.
        self.root = Endpoint(deployed.endpoint, deployed.region)
        self._producer = endpoint_of(deployed, "producer")

    def send(self, contents: Sequence[bytes], key: str = "") -> list[Sent]:
        """Put records as a producer does, again where the stream refuses some; spread over keys unless one is given."""
        waiting = [(at, content) for at, content in enumerate(contents)]
        sent: dict[int, Sent] = {}
        while waiting:
            now = waiting[:_CALL]
            keys = [key or f"key-{at}" for at, _ in now]
            records = [{"Data": content, "PartitionKey": each} for (_, content), each in zip(now, keys, strict=True)]
            answer = self._producer.kinesis.put_records(StreamName=self.deployed.stream, Records=records)
            for (at, content), partition_key, each in zip(now, keys, answer["Records"], strict=True):
                if "ErrorCode" not in each:
                    sent[at] = Sent(each["ShardId"], each["SequenceNumber"], partition_key, content)
            waiting = [item for item in waiting if item[0] not in sent]
        return [sent[at] for at in range(len(contents))]

    def deliver_again(self, sent: Sequence[Sent]) -> list[Any]:
        """Give the processor records once more, as a poller does that lost its checkpoint; return its answers."""
        by_shard: dict[str, list[Sent]] = {}
        for each in sorted(sent, key=lambda each: each.sequence_number):
            by_shard.setdefault(each.shard_id, []).append(each)
        answers: list[Any] = []
        for records in by_shard.values():
            event = {"Records": [self._as_lambda_has_it(each) for each in records[:_BATCH]]}
            answer = self.aws.functions.invoke(
                FunctionName=self.deployed.processor_function, Qualifier=_ALIAS, Payload=json.dumps(event).encode()
            )
            answers.append(json.loads(answer["Payload"].read()))
        return answers

    def _as_lambda_has_it(self, sent: Sent) -> dict[str, Any]:
        return {
            "kinesis": {
                "partitionKey": sent.partition_key,
                "sequenceNumber": sent.sequence_number,
                "data": base64.b64encode(sent.content).decode(),
                "approximateArrivalTimestamp": time.time(),
            },
            "eventID": f"{sent.shard_id}:{sent.sequence_number}",
            "eventSourceARN": self.deployed.stream_arn,
        }

    def processed(self, mark: str) -> list[Line]:
        """The processed lines of the events that have a mark."""
        found = lines_of(self.aws.s3, self.deployed.processed_bucket, "processed/")
        return [line for line in found if line.document["original_data"].get("mark") == mark]

    def rejected(self, sent: Sequence[Sent]) -> list[Line]:
        """The rejected lines of some records."""
        numbers = {each.sequence_number for each in sent}
        found = lines_of(self.aws.s3, self.deployed.raw_bucket, "rejected/")
        return [line for line in found if line.document["sequence_number"] in numbers]

    def raw_keys(self, mark: str) -> list[str]:
        """The keys of the raw objects that hold events with a mark."""
        found = lines_of(self.aws.s3, self.deployed.raw_bucket, "raw/")
        return sorted({line.key for line in found if line.document.get("mark") == mark})

    def batches(self) -> list[Batch]:
        """The items of the table of batches."""
        return batches_of(self.aws, self.deployed)

    def left(self) -> dict[str, int]:
        """What lies where nothing should."""
        return {where: count for where, count in left_in(self.aws, self.deployed).items() if count}

    def announce(self, *bodies: str) -> None:
        """Send messages to the transformer, as S3 or anybody might."""
        for body in bodies:
            self.aws.sqs.send_message(QueueUrl=self.deployed.transform_queue_url, MessageBody=body)

    def announcement(self, key: str, put_at: float) -> str:
        """A message that announces a raw object."""
        return message_of(key, self.deployed.raw_bucket, put_at)

    def wait_until_processed(self, mark: str, count: int) -> list[Line]:
        """Wait for so many events with a mark."""
        return wait_until(f"{count} events", lambda: self.processed(mark), lambda found: len(found) >= count)

    def wait_until_idle(self) -> None:
        """Wait until the transformer has nothing left to do."""
        url = self.deployed.transform_queue_url
        wait_until("an empty queue", lambda: messages_in(self.aws, url), lambda left: left == 0)

    def dead_letters(self) -> list[dict[str, Any]]:
        """Take what is among the transformer's dead letters."""
        url = self.deployed.transform_dead_letter_queue_url
        answer: Any = self.aws.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], WaitTimeSeconds=1
        )
        for message in answer.get("Messages", []):
            self.aws.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return answer.get("Messages", [])

    def logged(self, log_group: str, text: str) -> list[str]:
        """The lines of a log that hold a text."""
        pages = self.aws.logs.get_paginator("filter_log_events").paginate(logGroupName=log_group)
        return [line for page in pages for event in page["events"] if text in (line := event.get("message", ""))]

    @contextmanager
    def without_right(self, function: str, action: str) -> Generator[None]:
        """Take a right from a function's role for the length of the block."""
        role = self.root.functions.get_function_configuration(FunctionName=function)["Role"].rpartition("/")[2]
        denial = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": action, "Resource": "*"}]}
        name = f"denied-{token_hex(3)}"
        self.root.iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(denial))
        try:
            yield
        finally:
            self.root.iam.delete_role_policy(RoleName=role, PolicyName=name)

    def objects(self, bucket: str) -> dict[str, float]:
        """The keys in a bucket."""
        return keys_of(self.aws.s3, bucket)


def events_with(mark: str, count: int) -> list[bytes]:
    """Good events of all types in turn, numbered, in two hours."""
    made: list[bytes] = []
    for number in range(count):
        kind = ("user_action", "transaction", "metric", "system_event")[number % 4]
        extra: dict[str, Any] = {"transaction": {"amount": number}, "metric": {"value": number}}.get(kind, {})
        hour = 9 + number % 8 // 4
        event = {"timestamp": f"2026-11-20T{hour:02}:59:59Z", "event_type": kind, "mark": mark, "number": number}
        made.append(json.dumps({**event, **extra}).encode())
    return made
