"""Reconciliation's handler as Lambda calls it, on moto."""

from __future__ import annotations

import importlib
import json
import logging
import sys
import uuid
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber
from harness.emf import samples, values
from moto import mock_aws

from baler.files import metric_names
from baler.files.aws.claim_table import DynamoClaimTable
from baler.files.claims.model import BundleRecord, BundleState, Claim
from baler.files.notification import landed_files

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW_AND_ALL = {"begin": True, "grace_seconds": -60}  # S3 says to the second when a file landed
# What EventBridge sends.
SCHEDULED: dict[str, Any] = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}


class Function:
    """The function, and what it works on."""

    def __init__(self, module: Any, service: str, queue_url: str) -> None:
        self.s3 = boto3.client("s3")
        self.sqs = boto3.client("sqs")
        self.table = DynamoClaimTable(boto3.client("dynamodb"), "claims")
        self.dynamodb = module._dynamodb
        self._handle = module.handle
        self._service = service
        self._queue_url = queue_url

    def land(self, key: str) -> str:
        """Put a file; return its identity."""
        version = self.s3.put_object(Bucket="landing", Key=key, Body=b"hello")["VersionId"]
        return f"landing/{key}@{version}"

    def deliver(self, identity: str) -> None:
        self.table.claim(Claim(identity, "b1", 0.0, 2**33), 0.0)
        self.table.record(BundleRecord("b1", BundleState.COMMITTED, 2**33))

    def announced(self) -> list[str]:
        """Take what is in the queue."""
        found: list[str] = []
        while messages := self.sqs.receive_message(QueueUrl=self._queue_url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                found += [file.identity for file in landed_files(message.get("Body", ""), "landing")]
                self.sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message.get("ReceiptHandle", ""))
        return sorted(found)

    def invoke(self, event: dict[str, Any], seconds_left: float = 900.0) -> dict[str, Any]:
        for handler in logging.getLogger(self._service).handlers:
            assert isinstance(handler, logging.StreamHandler)
            handler.setStream(sys.stdout)  # the one that is captured now; Powertools keeps the one at import
        context = SimpleNamespace(
            function_name="reconciliation",
            memory_limit_in_mb=512,
            invoked_function_arn="arn:aws:lambda:eu-west-2:000000000000:function:reconciliation",
            aws_request_id="request",
            get_remaining_time_in_millis=lambda: int(seconds_left * 1000),
        )
        return json.loads(json.dumps(self._handle(event, context)))


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch) -> Iterator[Function]:
    service = f"reconciliation-{uuid.uuid4()}"  # Python keeps a logger for each name
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "POWERTOOLS_SERVICE_NAME": service,
        "STACK": "test",
        "LANDING_BUCKET": "landing",
        "CLAIM_TABLE": "claims",
        "CLAIM_LIFETIME_SECONDS": str(18 * 86_400),
        "GRACE_SECONDS": "3600",
        "QUEUE_MAX": "5",
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="landing")
        s3.put_bucket_versioning(Bucket="landing", VersioningConfiguration={"Status": "Enabled"})
        boto3.client("dynamodb").create_table(
            TableName="claims",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        queue_url = boto3.client("sqs").create_queue(QueueName="ingest")["QueueUrl"]
        monkeypatch.setenv("INGEST_QUEUE_URLS", queue_url)
        sys.modules.pop("runtime.files.reconciliation.handler", None)
        module = importlib.import_module("runtime.files.reconciliation.handler")
        yield Function(module, service, queue_url)
        sys.modules.pop("runtime.files.reconciliation.handler", None)


def published(out: str) -> dict[str, list[float]]:
    found = samples(out.splitlines())
    assert {(sample.namespace, sample.dimensions) for sample in found} <= {
        (metric_names.NAMESPACE, (("stack", "test"),))
    }
    return {name: values(found, name, stack="test") for name in ("AnnouncedAgain", "ReconciledAge")}


def lines(out: str) -> list[dict[str, Any]]:
    return [line for line in map(json.loads, out.splitlines()) if "_aws" not in line]


@pytest.mark.requirement("PULL-NFR-01", "PULL-NFR-08")
def test_files_without_an_event_are_announced_published_and_named(
    function: Function, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = [function.land("a\nforged line"), function.land("b")]
    function.deliver(function.land("delivered"))
    answer = function.invoke(NOW_AND_ALL)
    assert answer["judged"] == {"delivered": 1, "missing": 2}
    assert (answer["announced_again"], answer["complete"], answer["stopped"]) == (2, True, "")
    assert function.announced() == sorted(missing)
    out = capsys.readouterr().out
    assert published(out) == {"AnnouncedAgain": [2], "ReconciledAge": [0]}
    named = [(line["key"], line["reason"]) for line in lines(out) if line["message"] == "announces a file again"]
    assert sorted(named) == [("a\nforged line", "missing"), ("b", "missing")]


def test_a_second_run_finds_nothing_once_they_are_delivered(function: Function) -> None:
    identity = function.land("k")
    assert function.invoke(NOW_AND_ALL)["announced_again"] == 1
    function.deliver(identity)
    assert function.announced() == [identity]
    assert function.invoke(NOW_AND_ALL)["announced_again"] == 0
    assert function.announced() == []


def test_the_schedule_leaves_files_alone_that_landed_within_the_grace(
    function: Function, capsys: pytest.CaptureFixture[str]
) -> None:
    function.land("k")
    answer = function.invoke(SCHEDULED)
    assert (answer["judged"], answer["complete"]) == ({}, True)
    assert 3600 <= answer["reconciled_age_seconds"] < 3660
    out = capsys.readouterr().out
    assert published(out)["AnnouncedAgain"] == [0]
    assert lines(out) == []


def test_a_run_that_came_to_a_part_only_says_why(function: Function, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(7):
        function.land(f"k{number}")
    answer = function.invoke(NOW_AND_ALL)
    assert (answer["announced_again"], answer["complete"], answer["stopped"]) == (5, False, "the queue is full")
    out = capsys.readouterr().out
    (said,) = [line for line in lines(out) if "part" in line["message"]]
    assert (said["stopped"], said["judged"]) == ("the queue is full", {"missing": 7})
    assert len(function.announced()) == 5


def test_an_age_that_is_not_known_is_not_published(function: Function, capsys: pytest.CaptureFixture[str]) -> None:
    with Stubber(function.dynamodb) as stub:
        stub.add_client_error("get_item", "ThrottlingException", http_status_code=400)
        answer = function.invoke(SCHEDULED)
    assert (answer["reconciled_age_seconds"], answer["complete"]) == (None, False)
    assert published(capsys.readouterr().out) == {"AnnouncedAgain": [0], "ReconciledAge": []}
