from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from harness.events import s3_event, s3_record
from moto import mock_aws
from typer.testing import CliRunner

from baler.aws import queue_scan as queue_module
from baler.aws.queue_scan import QueueScan
from baler.cli.main import app
from baler.commands.dead_letters.claim_reader import ClaimReader
from baler.commands.dead_letters.file_inspector import FileInspector
from baler.commands.dead_letters.message_inspector import MessageInspector
from baler.files.aws.claim_table import DynamoClaimTable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from typer.testing import Result

REGION = "eu-west-2"
NOW = 1_795_165_262.0
MAX_FILE_BYTES = 100


@dataclass
class Yard:
    """A landing bucket, a claim table and the two queues, on moto."""

    folder: Path

    def __post_init__(self) -> None:
        self.s3 = boto3.client("s3")
        self.sqs = boto3.client("sqs")
        self.dynamodb = boto3.client("dynamodb")
        self.s3.create_bucket(Bucket="landing", CreateBucketConfiguration={"LocationConstraint": REGION})
        self.s3.put_bucket_versioning(Bucket="landing", VersioningConfiguration={"Status": "Enabled"})
        self.dynamodb.create_table(
            TableName="claims",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        self.table = DynamoClaimTable(self.dynamodb, "claims")
        self.dead = self.sqs.create_queue(QueueName="dead-letters")["QueueUrl"]
        self.ingest = self.sqs.create_queue(QueueName="ingest")["QueueUrl"]
        self.inspector = MessageInspector(
            FileInspector(self.s3, ClaimReader(self.dynamodb, "claims"), "landing", MAX_FILE_BYTES, lambda: NOW)
        )
        self.audit = self.folder / "audit.jsonl"

    def land(self, key: str, body: bytes = b"hello") -> str:
        """Put a file and return the body of the message that announces it."""
        version = self.s3.put_object(Bucket="landing", Key=key, Body=body)["VersionId"]
        return s3_event(s3_record(key, version=version, size=len(body)))

    def bury(self, body: str) -> str:
        """Send a message to the dead letters, and return its id."""
        return self.sqs.send_message(QueueUrl=self.dead, MessageBody=body)["MessageId"]

    def reject(self, body: str, reason: str, **attributes: str) -> str:
        """Send a message to the dead letters as the function does, and return its id."""
        given = {
            "reason": reason,
            "message-id": "5fea7756-0ea4-451a-a703-a558b933e274",
            "sent-timestamp": "1795165200123",
            "receive-count": "3",
            **{name.replace("_", "-"): value for name, value in attributes.items()},
        }
        return self.sqs.send_message(
            QueueUrl=self.dead,
            MessageBody=body,
            MessageAttributes={name: {"DataType": "String", "StringValue": value} for name, value in given.items()},
        )["MessageId"]

    def read(self) -> QueueScan:
        return QueueScan(self.sqs, self.dead)

    def visible(self, url: str) -> list[str]:
        """The bodies of the messages that anybody could receive now; hides none of them."""
        messages = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        return sorted(message.get("Body", "") for message in messages.get("Messages", []))

    def run(self, *arguments: str, answer: str = "", **environment: str) -> Result:
        variables = {
            "BALER_DEAD_LETTER_QUEUE_URL": self.dead,
            "BALER_INGEST_QUEUE_URL": self.ingest,
            "BALER_LANDING_BUCKET": "landing",
            "BALER_CLAIM_TABLE": "claims",
            "BALER_AUDIT_LOG": str(self.audit),
            **environment,
        }
        return CliRunner().invoke(app, ["dead-letters", *arguments], env=variables, input=answer)

    def audited(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.audit.read_text().splitlines()]


@pytest.fixture
def yard(aws_settings: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Yard]:  # noqa: ARG001 - where boto3 finds moto
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setattr(queue_module, "POLL_SECONDS", 0)
    with mock_aws():
        yield Yard(tmp_path)
