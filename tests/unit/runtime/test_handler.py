"""The handler as Lambda calls it, on moto."""

from __future__ import annotations

import importlib
import io
import json
import logging
import sys
import tarfile
import uuid
from contextlib import closing
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from harness.events import event_bridge_event, s3_event, s3_record, sns_notification, sqs_record

from runtime.aggregator.backoff import seconds_until_retry
from runtime.aggregator.environment import Environment, InvalidEnvironment
from runtime.aggregator.verdict import Reason, rejected, retry
from runtime.bundle.ids import PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_s3 import S3Client

    from runtime.aws.clients import Clients

VARIABLES = {
    "STACK": "test",
    "LANDING_BUCKET": "landing",
    "ARCHIVE_BUCKET": "archive",
    "DISTRIBUTION_BUCKET": "mailbox",
    "CLAIM_TABLE": "claims",
    "CLAIM_LIFETIME_SECONDS": "777600",
    "MAX_FILE_BYTES": "1000",
    "MAX_BUNDLE_BYTES": "10000",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
}


@dataclass
class Function:
    """The function and what it works on."""

    handle: Any
    s3: S3Client
    service: str

    def invoke(self, *records: dict[str, Any]) -> list[str]:
        """Call the handler; return the ids of the messages that stay in the queue."""
        for handler in logging.getLogger(self.service).handlers:
            assert isinstance(handler, logging.StreamHandler)
            handler.setStream(sys.stdout)  # the one that is captured now; Powertools keeps the one at import
        context = SimpleNamespace(
            function_name="aggregator",
            memory_limit_in_mb=512,
            invoked_function_arn="arn:aws:lambda:eu-west-2:000000000000:function:aggregator:live",
            aws_request_id="request",
            get_remaining_time_in_millis=lambda: 20_000,
        )
        answer = self.handle({"Records": list(records)}, context)
        return [item["itemIdentifier"] for item in answer["batchItemFailures"]]

    def land(self, key: str, body: bytes = b"hello", **options: Any) -> dict[str, Any]:
        """Put a file; return its record in the event."""
        version = self.s3.put_object(Bucket="landing", Key=key, Body=body, **options)["VersionId"]
        return s3_record(key, version=version, size=len(body))

    def bundles(self, bucket: str) -> dict[str, list[str]]:
        """The keys in each bundle of a bucket."""
        found: dict[str, list[str]] = {}
        for item in self.s3.list_objects_v2(Bucket=bucket, Prefix=PREFIX).get("Contents", []):
            key = item.get("Key", "")
            body = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
            with tarfile.open(fileobj=io.BytesIO(body)) as tar:
                manifest = tar.extractfile("MANIFEST.json")
                assert manifest is not None
                found[key] = [file["key"] for file in json.load(manifest)["files"]]
        return found


@pytest.fixture
def function(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Function]:  # noqa: ARG001 - the stores
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    service = f"aggregator-{uuid.uuid4()}"  # Python keeps a logger for each name
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", service)
    monkeypatch.setenv("POWERTOOLS_TRACE_DISABLED", "true")
    s3 = boto3.client("s3")
    for bucket in ("landing", "archive", "mailbox"):
        s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket="landing", VersioningConfiguration={"Status": "Enabled"})
    boto3.client("dynamodb").create_table(
        TableName="claims",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    queue = boto3.client("sqs").create_queue(QueueName="ingest")["QueueUrl"]
    monkeypatch.setenv("INGEST_QUEUE_URL", queue)
    for name in ("runtime.aggregator.handler", "runtime.aggregator.observability"):
        sys.modules.pop(name, None)
    module: Any = importlib.import_module("runtime.aggregator.handler")
    clients: Clients = module._clients
    with closing(clients):
        yield Function(module.handle, s3, service)
    for name in ("runtime.aggregator.handler", "runtime.aggregator.observability"):
        sys.modules.pop(name, None)


@pytest.mark.requirement("PULL-REQ-02")
def test_a_batch_is_bundled_into_both_buckets_and_nothing_stays_in_the_queue(function: Function) -> None:
    records = [sqs_record(s3_event(function.land(f"k{number}")), f"m{number}") for number in range(20)]
    assert function.invoke(*records) == []
    assert list(function.bundles("archive").values()) == [[f"k{number}" for number in range(20)]]
    assert function.bundles("archive") == function.bundles("mailbox")


@pytest.mark.requirement("PULL-NFR-08")
def test_only_the_messages_that_failed_stay_in_the_queue(function: Function) -> None:
    stays = function.invoke(
        sqs_record("not json", "poison"),
        sqs_record(s3_event(function.land("good")), "good"),
        sqs_record(s3_event(s3_record("gone", version="no-such-version")), "gone"),
    )
    assert sorted(stays) == ["gone", "poison"]
    assert list(function.bundles("mailbox").values()) == [["good"]]


def test_a_batch_in_which_every_message_fails_is_an_answer_and_not_an_error(function: Function) -> None:
    assert function.invoke(sqs_record("{}", "m1"), sqs_record("[]", "m2")) == ["m1", "m2"]


@pytest.mark.requirement("PULL-NFR-07")
def test_every_rejected_message_is_counted_with_its_reason(
    function: Function, capsys: pytest.CaptureFixture[str]
) -> None:
    function.invoke(sqs_record("not json", "poison"), sqs_record(s3_event(function.land("good")), "good"))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    rejections = [line for line in lines if "Rejected" in line]
    assert [(line["Rejected"], line["reason"], line["stack"]) for line in rejections] == [([1.0], "malformed", "test")]
    (counts,) = [line for line in lines if "Bundles" in line]
    assert (counts["Bundles"], counts["Files"], counts["stack"]) == ([1.0], [1.0], "test")


def deleted_before_it_is_fetched(function: Function) -> str:
    record = function.land("bad")
    version = record["s3"]["object"]["versionId"]
    function.s3.delete_object(Bucket="landing", Key="bad", VersionId=version)
    return s3_event(record)


def larger_than_told(function: Function) -> str:
    record = function.land("bad", b"x" * 900)
    record["s3"]["object"]["size"] = 1
    return s3_event(record)


BAD: dict[str, tuple[Callable[[Function], str], str, Reason]] = {
    "malformed JSON": (lambda _: '{"Records": [', "Rejected", Reason.MALFORMED),
    "an unknown schema": (
        lambda f: s3_event({**f.land("bad"), "eventVersion": "3.0"}),
        "Rejected",
        Reason.UNKNOWN_SCHEMA,
    ),
    "another bucket": (lambda _: s3_event(s3_record("bad", bucket="elsewhere")), "Rejected", Reason.OTHER_BUCKET),
    "another kind of event": (
        lambda f: s3_event({**f.land("bad"), "eventName": "ObjectRemoved:Delete"}),
        "Rejected",
        Reason.OTHER_EVENT,
    ),
    "a version id that is none": (lambda _: s3_event(s3_record("bad", version="\ud800")), "Rejected", Reason.MALFORMED),
    "a file above the limit": (lambda f: s3_event(f.land("bad", b"x" * 1001)), "Rejected", Reason.TOO_LARGE),
    "a size that lies": (larger_than_told, "Rejected", Reason.LARGER_THAN_TOLD),
    "an object that never was": (
        lambda _: s3_event(s3_record("bad", version="no-such-version")),
        "Rejected",
        Reason.OBJECT_MISSING,
    ),
    "an object deleted before it is fetched": (deleted_before_it_is_fetched, "Rejected", Reason.OBJECT_MISSING),
    "an object in Glacier": (lambda f: s3_event(f.land("bad", StorageClass="GLACIER")), "Retried", Reason.UNREADABLE),
}


@pytest.mark.requirement("PULL-NFR-07", "PULL-NFR-08")
@pytest.mark.parametrize(("bad", "metric", "reason"), BAD.values(), ids=BAD.keys())
def test_bad_input_stays_in_the_queue_counted_by_its_reason_and_the_file_beside_it_is_bundled(
    function: Function,
    capsys: pytest.CaptureFixture[str],
    bad: Callable[[Function], str],
    metric: str,
    reason: Reason,
) -> None:
    stays = function.invoke(sqs_record(bad(function), "bad"), sqs_record(s3_event(function.land("good")), "good"))
    assert stays == ["bad"]
    assert list(function.bundles("archive").values()) == [["good"]]
    assert function.bundles("mailbox") == function.bundles("archive")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    counted = [(name, line["reason"], line[name]) for line in lines for name in ("Rejected", "Retried") if name in line]
    assert counted == [(metric, reason, [1.0])]


def test_an_object_whose_key_was_deleted_is_still_bundled_while_its_version_is_there(function: Function) -> None:
    record = function.land("k")
    function.s3.delete_object(Bucket="landing", Key="k")
    assert function.invoke(sqs_record(s3_event(record))) == []
    assert list(function.bundles("mailbox").values()) == [["k"]]


def test_two_contents_of_a_key_whose_bucket_has_its_versioning_suspended_are_both_bundled(function: Function) -> None:
    function.s3.put_bucket_versioning(Bucket="landing", VersioningConfiguration={"Status": "Suspended"})
    for body in (b"one", b"two"):
        etag = function.s3.put_object(Bucket="landing", Key="k", Body=body)["ETag"]
        record = s3_record("k", version="null", size=len(body))
        record["s3"]["object"]["eTag"] = etag.strip('"')
        assert function.invoke(sqs_record(s3_event(record))) == []
    assert list(function.bundles("mailbox").values()) == [["k"], ["k"]]


@pytest.mark.parametrize("wrapped", [sns_notification, lambda body: sns_notification(sns_notification(body))])
def test_an_event_that_came_through_sns_is_bundled(function: Function, wrapped: Callable[[str], str]) -> None:
    assert function.invoke(sqs_record(wrapped(s3_event(function.land("k"))))) == []
    assert list(function.bundles("mailbox").values()) == [["k"]]


def test_an_event_that_came_through_event_bridge_is_bundled(function: Function) -> None:
    landed = function.land("a+b c%20")["s3"]["object"]
    event = event_bridge_event("a+b c%20", version=landed["versionId"])
    assert function.invoke(sqs_record(json.dumps(event))) == []
    assert list(function.bundles("mailbox").values()) == [["a+b c%20"]]


@pytest.mark.requirement("PULL-NFR-06", "PULL-NFR-07")
def test_no_file_content_and_no_message_body_is_ever_logged(
    function: Function, capsys: pytest.CaptureFixture[str]
) -> None:
    function.invoke(
        sqs_record('{"secret": "m4rker"}', "poison"),
        sqs_record(s3_event(function.land("good", b"m4rker" * 10)), "good"),
        sqs_record(s3_event(s3_record("gone", version="no-such-version")), "gone"),
    )
    captured = capsys.readouterr()
    assert "good" in captured.out or "gone" in captured.out
    assert "m4rker" not in captured.out + captured.err


def test_a_hostile_key_cannot_forge_a_log_line(function: Function, capsys: pytest.CaptureFixture[str]) -> None:
    key = 'x\n{"level":"ERROR","message":"forged"}\r\n'
    function.invoke(sqs_record(s3_event(s3_record(key, version="no-such-version")), "m1"))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert "forged" not in [line.get("message") for line in lines]
    assert key in [line.get("key") for line in lines]


@pytest.mark.parametrize("name", [*VARIABLES, "INGEST_QUEUE_URL"])
def test_a_missing_variable_is_refused_by_name(name: str) -> None:
    variables = {**VARIABLES, "INGEST_QUEUE_URL": "url"}
    assert Environment.read(variables).stack == "test"
    with pytest.raises(InvalidEnvironment, match=name):
        Environment.read({key: value for key, value in variables.items() if key != name})


@pytest.mark.parametrize("value", ["", "0", "-1", "1.5", "ten", "²"])
def test_a_number_that_is_none_is_refused_by_name(value: str) -> None:
    with pytest.raises(InvalidEnvironment, match="MAX_FILE_BYTES"):
        Environment.read({**VARIABLES, "INGEST_QUEUE_URL": "url", "MAX_FILE_BYTES": value})


@pytest.mark.requirement("PULL-NFR-01", "PULL-NFR-02")
def test_the_first_retries_come_within_the_slo_and_later_ones_outlast_an_outage() -> None:
    passing = retry(Reason.LANDING_UNAVAILABLE)
    waits = [seconds_until_retry(passing, receives, now=0, spread=0.5) for receives in range(1, 13)]
    assert sum(waits[:4]) < 120
    assert sum(waits) > 3600
    assert max(waits) <= 900


def test_a_retry_waits_for_the_lease_that_it_needs_to_see_end() -> None:
    assert seconds_until_retry(retry(Reason.BUSY, not_before=100.0), 1, now=60.0, spread=0.5) == 41


def test_poison_reaches_the_dead_letters_within_a_minute() -> None:
    assert sum(seconds_until_retry(rejected(Reason.MALFORMED), receives, 0, 0.5) for receives in range(1, 13)) < 60
