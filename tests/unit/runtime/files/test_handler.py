"""The handler as Lambda calls it, on moto."""

from __future__ import annotations

import importlib
import io
import json
import logging
import os
import signal
import subprocess
import sys
import tarfile
import uuid
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
import pytest
from botocore.exceptions import ClientError
from harness.events import event_bridge_event, s3_event, s3_record, sns_notification, sqs_record

from baler.aws.http.dynamodb import HttpDynamoDb
from baler.environment_variables import InvalidEnvironment
from baler.files.bundle.ids import PREFIX
from baler.files.reason import Reason
from runtime.files.aggregator.backoff import seconds_until_retry
from runtime.files.aggregator.environment import Environment
from runtime.files.aggregator.file_outcome import retry
from runtime.files.aggregator.isolation import KILLS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_s3 import S3Client

    from runtime.files.aws.clients import Clients

VARIABLES = {
    "STACK": "test",
    "LANDING_BUCKET": "landing",
    "ARCHIVE_BUCKET": "archive",
    "DISTRIBUTION_BUCKET": "mailbox",
    "CLAIM_TABLE": "claims",
    "CLAIM_LIFETIME_SECONDS": "777600",
    "LONGEST_RETRY_SECONDS": "900",
    "MAX_FILE_BYTES": "1000",
    "MAX_BUNDLE_BYTES": "10000",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
}

KILLED_FUNCTION = Path(__file__).parents[3] / "harness" / "killed_function.py"
QUEUES = ("INGEST_QUEUE_URL", "DEAD_LETTER_QUEUE_URL")


class DeadLetter(NamedTuple):
    """A message in the dead-letter queue."""

    body: str
    attributes: dict[str, str]


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

    def dead_letters(self) -> list[DeadLetter]:
        """What was moved to the dead-letter queue, and is taken from it here."""
        answer = boto3.client("sqs").receive_message(
            QueueUrl=os.environ["DEAD_LETTER_QUEUE_URL"], MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        )
        return [
            DeadLetter(
                message.get("Body", ""),
                {name: value.get("StringValue", "") for name, value in message.get("MessageAttributes", {}).items()},
            )
            for message in answer.get("Messages", [])
        ]

    def noted(self) -> dict[str, str]:
        """The reason noted of each rejected file, by its key in the claim table."""
        items = boto3.client("dynamodb").scan(TableName="claims")["Items"]
        texts = ({name: value.get("S", "") for name, value in item.items()} for item in items)
        return {item["pk"]: item["reason"] for item in texts if item["pk"].startswith("rejected#")}

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
    sqs = boto3.client("sqs")
    for queue in QUEUES:
        monkeypatch.setenv(queue, sqs.create_queue(QueueName=queue)["QueueUrl"])
    for name in ("runtime.files.aggregator.handler", "runtime.files.aggregator.observability"):
        sys.modules.pop(name, None)
    module: Any = importlib.import_module("runtime.files.aggregator.handler")
    clients: Clients = module._clients
    with closing(clients):
        yield Function(module.handle, s3, service)
    for name in ("runtime.files.aggregator.handler", "runtime.files.aggregator.observability"):
        sys.modules.pop(name, None)


@pytest.mark.requirement("PULL-REQ-02", "PUSH-UNIT-01")
def test_a_batch_is_bundled_into_both_buckets_and_nothing_stays_in_the_queue(function: Function) -> None:
    records = [sqs_record(s3_event(function.land(f"k{number}")), f"m{number}") for number in range(20)]
    assert function.invoke(*records) == []
    assert list(function.bundles("archive").values()) == [[f"k{number}" for number in range(20)]]
    assert function.bundles("archive") == function.bundles("mailbox")


def test_the_wait_for_a_batch_counts_from_the_first_receive(
    function: Function, capsys: pytest.CaptureFixture[str]
) -> None:
    received, unsaid = (sqs_record(s3_event(function.land(key)), key) for key in ("received", "unsaid"))
    sent_at = int(received["attributes"]["SentTimestamp"])
    received["attributes"]["ApproximateFirstReceiveTimestamp"] = str(sent_at + 60_000)
    capsys.readouterr()
    assert function.invoke(received, unsaid) == []
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (line,) = (line for line in lines if line.get("message") == "archived a bundle")
    in_queue = [round(queue - batch, 3) for queue, batch in zip(line["queue_wait"], line["batch_wait"], strict=True)]
    assert in_queue == [60.0, line["queue_wait"][1]]


def test_a_role_that_may_not_insert_claims_costs_no_file_and_is_said_once(
    function: Function, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def denied(*_: object, **__: object) -> None:
        raise ClientError(
            {"Error": {"Code": "AccessDeniedException"}, "ResponseMetadata": {"HTTPStatusCode": 400}},  # pyright: ignore[reportArgumentType]  # as the client of `baler.aws.http` has it
            "BatchExecuteStatement",
        )

    monkeypatch.setattr(HttpDynamoDb, "batch_execute_statement", denied)
    capsys.readouterr()
    for key in ("first", "second"):
        assert function.invoke(sqs_record(s3_event(function.land(key)), key)) == []
    assert sorted(function.bundles("mailbox").values()) == [["first"], ["second"]]
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["level"] for line in lines if line.get("right") == "dynamodb:PartiQLInsert"] == ["WARNING"]


@pytest.mark.requirement("PULL-NFR-08", "MINIO-HANDLER-01", "PUSH-UNIT-04", "PUSH-AVAIL-04")
def test_only_the_messages_to_be_tried_again_stay_in_the_queue(function: Function) -> None:
    stays = function.invoke(
        sqs_record("not json", "poison"),
        sqs_record(s3_event(function.land("good")), "good"),
        sqs_record(s3_event(function.land("sealed", StorageClass="GLACIER")), "sealed"),
    )
    assert stays == ["sealed"]
    assert list(function.bundles("mailbox").values()) == [["good"]]


def test_that_every_message_of_a_batch_stays_is_an_answer_and_no_crash(function: Function) -> None:
    sealed = [s3_event(function.land(f"k{number}", StorageClass="GLACIER")) for number in range(3)]
    assert function.invoke(*(sqs_record(event, f"m{at}") for at, event in enumerate(sealed))) == ["m0", "m1", "m2"]


@pytest.mark.requirement("PULL-NFR-07", "PULL-NFR-08")
def test_what_can_never_be_processed_is_moved_to_the_dead_letters_at_once_with_its_reason(function: Function) -> None:
    gone = s3_event(s3_record("gone", version="no-such-version"))
    assert function.invoke(sqs_record("not json", "poison", 2), sqs_record(gone, "gone")) == []
    found = sorted(function.dead_letters(), key=lambda letter: letter.attributes["message-id"])
    times = {"sent-timestamp": "1763629200000"}
    assert found == [
        (gone, {**times, "message-id": "gone", "reason": "object_missing", "receive-count": "1"}),
        ("not json", {**times, "message-id": "poison", "reason": "malformed", "receive-count": "2"}),
    ]
    ((key, reason),) = function.noted().items()
    assert key.startswith("rejected#")
    assert key.endswith("#landing/gone@no-such-version")
    assert reason == "object_missing"


@pytest.mark.parametrize("poison", ["[]", "x" * 200_000])
def test_any_number_and_size_of_poison_is_moved_whole(function: Function, poison: str) -> None:
    assert function.invoke(*(sqs_record(poison, f"m{number}") for number in range(12))) == []
    found: list[str] = []
    while letters := function.dead_letters():
        found += [letter.attributes["message-id"] for letter in letters]
    assert sorted(found) == sorted(f"m{number}" for number in range(12))


def test_poison_that_the_dead_letter_queue_does_not_take_stays_in_the_queue_for_another_try(
    function: Function, capsys: pytest.CaptureFixture[str]
) -> None:
    boto3.client("sqs").delete_queue(QueueUrl=os.environ["DEAD_LETTER_QUEUE_URL"])
    gone = s3_event(s3_record("gone", version="no-such-version"))
    stays = function.invoke(sqs_record(gone, "gone"), sqs_record(s3_event(function.land("good")), "good"))
    assert stays == ["gone"]
    assert list(function.bundles("mailbox").values()) == [["good"]]
    assert function.noted() == {}
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["reason"] for line in lines if "Retried" in line] == ["dead_letters_unavailable"]
    (warning,) = [line for line in lines if line.get("message_id") == "gone"]
    assert "NonExistentQueue" in warning["error"] or "QueueDoesNotExist" in warning["error"]


def test_a_batch_in_which_every_message_fails_is_an_answer_and_not_an_error(function: Function) -> None:
    sealed = [s3_event(function.land(key, StorageClass="GLACIER")) for key in ("a", "b")]
    assert function.invoke(sqs_record(sealed[0], "m1"), sqs_record(sealed[1], "m2")) == ["m1", "m2"]


@pytest.mark.requirement("PULL-NFR-08", "PUSH-AVAIL-06")
def test_a_file_that_kills_the_process_takes_no_neighbour_along_and_ends_among_the_dead_letters(
    function: Function,
) -> None:
    bodies = {key: s3_event(function.land(key)) for key in ("a", "killer", "z")}

    def receive(number: int, *keys: str) -> tuple[int, list[str]]:
        event = {"Records": [sqs_record(bodies[key], key, number) for key in keys]}
        done = subprocess.run(
            [sys.executable, str(KILLED_FUNCTION), json.dumps(event), "killer"],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[4])},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            return done.returncode, []
        answer = json.loads(done.stdout.rpartition("\n")[2])
        return 0, [item["itemIdentifier"] for item in answer["batchItemFailures"]]

    def time_passes() -> None:
        """Leases end, and so does the time for which a message of a run that was killed is hidden."""
        table = boto3.client("dynamodb")
        for item in table.scan(TableName="claims")["Items"]:
            over = {name: {"N": "0"} for name in ("hidden_until", "lease_until") if name in item}
            table.put_item(TableName="claims", Item={**item, **over})

    assert receive(2, "a", "killer", "z") == (-signal.SIGKILL, [])
    for number in range(3, 3 + KILLS):
        time_passes()
        assert receive(number, "a", "killer", "z") == (-signal.SIGKILL, [])
    time_passes()
    assert receive(3 + KILLS, "killer") == (0, [])
    (letter,) = function.dead_letters()
    assert (letter.body, letter.attributes["reason"]) == (bodies["killer"], "kills")
    ((noted, reason),) = function.noted().items()
    assert ("landing/killer@" in noted, reason) == (True, "kills")
    assert sorted(key for keys in function.bundles("mailbox").values() for key in keys) == ["a", "z"]


@pytest.mark.requirement("PULL-NFR-07")
def test_every_rejected_message_is_counted_with_its_reason(
    function: Function, capsys: pytest.CaptureFixture[str]
) -> None:
    function.invoke(sqs_record("not json", "poison"), sqs_record(s3_event(function.land("good")), "good"))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    rejections = [line for line in lines if "Rejected" in line and "reason" in line]
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
def test_bad_input_is_counted_by_its_reason_and_the_file_beside_it_is_bundled(
    function: Function,
    capsys: pytest.CaptureFixture[str],
    bad: Callable[[Function], str],
    metric: str,
    reason: Reason,
) -> None:
    stays = function.invoke(sqs_record(bad(function), "bad"), sqs_record(s3_event(function.land("good")), "good"))
    assert stays == ["bad"] * (metric == "Retried")
    assert len(function.dead_letters()) == (metric == "Rejected")
    assert list(function.bundles("archive").values()) == [["good"]]
    assert function.bundles("mailbox") == function.bundles("archive")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    by_reason = [line for line in lines if "reason" in line]
    names = ("Rejected", "Retried")
    counted = [(name, line["reason"], line[name]) for line in by_reason for name in names if name in line]
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


@pytest.mark.parametrize("topics", [1, 2])
def test_an_event_that_came_through_sns_is_bundled(function: Function, topics: int) -> None:
    body = s3_event(function.land("k"))
    for _ in range(topics):
        body = sns_notification(body)
    assert function.invoke(sqs_record(body)) == []
    assert list(function.bundles("mailbox").values()) == [["k"]]


def test_an_event_that_came_through_event_bridge_is_bundled(function: Function) -> None:
    landed = function.land("a+b c%20")["s3"]["object"]
    event = event_bridge_event("a+b c%20", version=landed["versionId"])
    assert function.invoke(sqs_record(json.dumps(event))) == []
    assert list(function.bundles("mailbox").values()) == [["a+b c%20"]]


@pytest.fixture(params=["false", "true"])
def events_wanted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Powertools' own variable, which somebody may set; it is read when the handler is imported."""
    monkeypatch.setenv("POWERTOOLS_LOGGER_LOG_EVENT", request.param)


@pytest.mark.requirement("PULL-NFR-06", "PULL-NFR-07", "MINIO-HANDLER-02", "PUSH-SEC-07")
@pytest.mark.usefixtures("events_wanted")  # before `function`, which imports
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


def test_a_message_that_stays_is_hidden_in_the_lane_that_it_came_from(
    function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    class Queue:
        def __init__(self, _client: Any, url: str, _until: float) -> None:
            asked.append(url)

        def set_visibility(self, after: dict[str, int]) -> None:
            assert list(after) == ["handle-m1"]

    monkeypatch.setattr(sys.modules["runtime.files.aggregator.handler"], "SqsQueue", Queue)
    boto3.client("sqs").delete_queue(QueueUrl=os.environ["DEAD_LETTER_QUEUE_URL"])
    gone = sqs_record(s3_event(s3_record("gone", version="no-such-version")))
    gone["eventSourceARN"] = "arn:aws:sqs:eu-west-2:000000000000:ingest-7"

    assert function.invoke(gone) == ["m1"]

    assert asked == [os.environ["INGEST_QUEUE_URL"].rpartition("/")[0] + "/ingest-7"]


@pytest.mark.parametrize("name", [*VARIABLES, *QUEUES])
def test_a_missing_variable_is_refused_by_name(name: str) -> None:
    variables = {**VARIABLES, **dict.fromkeys(QUEUES, "url")}
    assert Environment.read(variables).stack == "test"
    with pytest.raises(InvalidEnvironment, match=name):
        Environment.read({key: value for key, value in variables.items() if key != name})


@pytest.mark.parametrize("value", ["", "0", "-1", "1.5", "ten", "²"])
def test_a_number_that_is_none_is_refused_by_name(value: str) -> None:
    with pytest.raises(InvalidEnvironment, match="MAX_FILE_BYTES"):
        Environment.read({**VARIABLES, **dict.fromkeys(QUEUES, "url"), "MAX_FILE_BYTES": value})


@pytest.mark.requirement("PULL-NFR-01", "PULL-NFR-02")
def test_the_first_retries_come_within_the_slo_and_later_ones_outlast_an_outage() -> None:
    passing = retry(Reason.LANDING_UNAVAILABLE)
    waits = [seconds_until_retry(passing, receives, 0, 0.5, longest=900) for receives in range(1, 334)]
    assert sum(waits[:4]) < 120
    assert sum(waits) > 12 * 3600
    assert max(waits) <= 900


def test_a_retry_waits_for_the_lease_that_it_needs_to_see_end() -> None:
    assert seconds_until_retry(retry(Reason.BUSY, not_before=100.0), 1, now=60.0, spread=0.5, longest=900) == 41


def test_no_retry_waits_longer_than_its_queue_allows() -> None:
    assert seconds_until_retry(retry(Reason.BUSY, not_before=1000.0), 9, now=0, spread=1, longest=200) == 200
