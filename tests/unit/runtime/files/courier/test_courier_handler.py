"""The courier's handler as Lambda calls it, on moto, with a receiver that the test plays."""

from __future__ import annotations

import hashlib
import importlib
import io
import json
import logging
import sys
import time
import uuid
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from harness.courier import ACCEPTED, REFUSED, TIMEOUT, UNAUTHORIZED
from harness.emf import samples, values

from baler.files import metric_names
from baler.files.aws.bundle_object import put_bundle
from baler.files.aws.courier_table import DynamoCourierTable
from baler.files.bundle.ids import bundle_key, new_bundle_id
from baler.files.bundle.manifest import META_FILE_COUNT, META_OLDEST_EVENT, META_SHA256
from baler.files.courier.breaker import Breaker, Cause, Phase
from baler.store_errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from baler.files.courier.answer import Answer
    from runtime.files.courier.ports import Parcel

SECRET_TEXT = "not-a-secret-of-anybody"  # noqa: S105 - it must not show in a log
NOW = 1_795_165_262.0


class Receiver:
    """A receiver in memory."""

    def __init__(self) -> None:
        self.answer: Answer | Exception = ACCEPTED
        self.bodies: list[bytes] = []

    def send(self, parcel: Parcel, deadline: float) -> Answer:  # noqa: ARG002 - the port's
        self.bodies.append(b"".join(parcel.body))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Function:
    """The function, and what it works on."""

    def __init__(self, module: Any, service: str) -> None:
        self.module = module
        self.receiver = module._to = Receiver()
        self.table = DynamoCourierTable(boto3.client("dynamodb"), "courier", 86_400)
        self.s3 = boto3.client("s3")
        self._service = service

    def put(self, count: int = 1) -> list[str]:
        ids = [new_bundle_id(NOW + number, b"12345678") for number in range(count)]
        for bundle_id in ids:
            body = bundle_id.encode() * 100
            metadata = {
                META_SHA256: hashlib.sha256(body).hexdigest(),
                META_FILE_COUNT: "3",
                META_OLDEST_EVENT: "2026-11-20T09:01:02.000Z",
            }
            put_bundle(
                self.s3, bucket="mailbox", bundle_id=bundle_id, body=io.BytesIO(body), metadata=metadata, replace=True
            )
        return ids

    def read_credentials(self) -> None:
        def attempt(_version: object) -> Answer:
            return ACCEPTED

        self.module._credentials.send(attempt, lambda: False)

    def waiting(self) -> list[str]:
        return [item.get("Key", "") for item in self.s3.list_objects_v2(Bucket="mailbox").get("Contents", [])]

    def invoke(self, event: dict[str, Any] | None = None, seconds_left: float = 40.0) -> dict[str, Any]:
        for handler in logging.getLogger(self._service).handlers:
            assert isinstance(handler, logging.StreamHandler)
            handler.setStream(sys.stdout)  # the one that is captured now; Powertools keeps the one at import
        context = SimpleNamespace(
            function_name="courier",
            memory_limit_in_mb=512,
            invoked_function_arn="arn:aws:lambda:eu-west-2:000000000000:function:courier",
            aws_request_id="request",
            get_remaining_time_in_millis=lambda: int(seconds_left * 1000),
        )
        return json.loads(json.dumps(self.module.handle(event or {}, context)))


@pytest.fixture
def function(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Function]:  # noqa: ARG001 - where it works
    service = f"courier-{uuid.uuid4()}"  # Python keeps a logger for each name
    secret = boto3.client("secretsmanager").create_secret(Name="receiver", SecretString=f'{{"token": "{SECRET_TEXT}"}}')
    for name, value in {
        "POWERTOOLS_SERVICE_NAME": service,
        "POWERTOOLS_TRACE_DISABLED": "true",
        "STACK": "test",
        "DISTRIBUTION_BUCKET": "mailbox",
        "COURIER_TABLE": "courier",
        "DELIVERY": "http",
        "RECEIVER_URL": "https://nifi.example/contentListener",
        "RECEIVER_ADDRESS": "127.0.0.1",
        "RECEIVER_SECRET": secret["ARN"],
        "SEND_TIMEOUT_SECONDS": "5",
        "FAILURES_TO_OPEN": "3",
        "PROBE_INTERVAL_SECONDS": "30",
        "PARALLEL_SENDS": "4",
        "REFUSAL_TRIES": "1",
        "CREDENTIALS_GRACE_SECONDS": "300",
        "RECEIPT_LIFETIME_SECONDS": "86400",
    }.items():
        monkeypatch.setenv(name, value)
    for module in ("handler", "observability"):
        sys.modules.pop(f"runtime.files.courier.{module}", None)
    yield Function(importlib.import_module("runtime.files.courier.handler"), service)
    for module in ("handler", "observability"):
        sys.modules.pop(f"runtime.files.courier.{module}", None)


def published(out: str, name: str, **dimensions: str) -> list[float]:
    return values(samples(out.splitlines()), name, stack="test", **dimensions)


def lines(out: str) -> list[dict[str, Any]]:
    return [line for line in map(json.loads, out.splitlines()) if "_aws" not in line]


EVENTS: list[dict[str, Any]] = [{}, {"Records": [{"s3": {}}]}, {"source": "aws.events"}, {"nonsense": [None]}]


@pytest.mark.parametrize("event", EVENTS)
def test_any_event_means_look(function: Function, event: dict[str, Any]) -> None:
    function.put(3)
    answer = function.invoke(event)
    assert answer == {"held": True, "delivered": 3, "refused": 0, "failed": 0, "breaker": "closed"}
    assert not function.waiting()


def test_a_long_run_publishes_in_parts_and_answers_for_the_whole(
    function: Function, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("runtime.files.courier.run.PROGRESS_SECONDS", 0)
    function.put(4)
    assert function.invoke()["delivered"] == 4
    counts = published(capsys.readouterr().out, metric_names.DELIVERED)
    assert (sum(counts), len(counts) > 1) == (4, True)


def test_a_run_publishes_what_it_did_and_zeros_for_what_did_not_happen(
    function: Function, capsys: pytest.CaptureFixture[str]
) -> None:
    function.put(2)
    function.invoke()
    out = capsys.readouterr().out
    assert published(out, metric_names.DELIVERED) == [2]
    for name in (
        metric_names.REFUSED_BUNDLES,
        metric_names.SEND_FAILED,
        metric_names.BREAKER_OPEN,
        metric_names.BREAKER_OPEN_SECONDS,
    ):
        assert published(out, name) == [0]
    assert len(published(out, metric_names.DELIVERY_LATENCY)) == 2
    assert published(out, metric_names.CREDENTIALS_AGE) == []
    assert {sample.namespace for sample in samples(out.splitlines())} == {metric_names.NAMESPACE}


def test_an_empty_mailbox_publishes_zeros_too(function: Function, capsys: pytest.CaptureFixture[str]) -> None:
    function.invoke()
    out = capsys.readouterr().out
    assert published(out, metric_names.DELIVERED) == published(out, metric_names.BREAKER_OPEN) == [0]
    assert lines(out) == []


def test_refusals_are_counted_by_reason_and_the_bundle_that_was_set_aside_is_named(
    function: Function, capsys: pytest.CaptureFixture[str]
) -> None:
    [bundle_id] = function.put()
    function.receiver.answer = REFUSED
    function.invoke()
    out = capsys.readouterr().out
    assert (
        published(out, metric_names.REFUSED_BUNDLES)
        == published(out, metric_names.REFUSED_BUNDLES, reason="422")
        == [1]
    )
    [said] = [line for line in lines(out) if line["message"] == "set a bundle aside"]
    assert (said["bundle_id"], said["reason"], said["level"]) == (bundle_id, "422", "WARNING")


def test_an_open_breaker_shows_with_its_cause_and_for_how_long(
    function: Function, capsys: pytest.CaptureFixture[str]
) -> None:
    function.put()
    function.receiver.answer = UNAUTHORIZED
    answer = function.invoke()
    out = capsys.readouterr().out
    assert answer["breaker"] == "open"
    assert published(out, metric_names.BREAKER_OPEN) == [1]
    assert published(out, metric_names.SEND_FAILED, reason="401") == [1]
    [seconds] = published(out, metric_names.BREAKER_OPEN_SECONDS)
    assert published(out, metric_names.BREAKER_OPEN_SECONDS, reason="credentials") == [seconds]
    [said] = [line for line in lines(out) if line["message"] == "the breaker is open"]
    assert (said["cause"], said["reason"]) == ("credentials", "401")


def test_a_run_beside_another_still_says_how_the_breaker_stands(
    function: Function, capsys: pytest.CaptureFixture[str]
) -> None:
    now = time.time()
    lease = function.table.acquire("another", now)
    assert lease is not None
    opened = Breaker(Phase.OPEN, Cause.UNREACHABLE, "timeout", opened_at=now - 100, probe_at=now + 100)
    function.table.save(lease, opened)
    assert function.invoke()["held"] is False
    out = capsys.readouterr().out
    assert published(out, metric_names.BREAKER_OPEN) == [1]
    [seconds] = published(out, metric_names.BREAKER_OPEN_SECONDS)
    assert 100 <= seconds < 160


def test_the_age_of_the_credentials_is_published_once_they_are_known(
    function: Function, capsys: pytest.CaptureFixture[str]
) -> None:
    function.read_credentials()
    function.invoke()
    [age] = published(capsys.readouterr().out, metric_names.CREDENTIALS_AGE)
    assert 0 <= age < 3600


def test_a_table_that_cannot_be_used_is_an_error_of_the_function_and_nothing_is_sent(
    function: Function, capsys: pytest.CaptureFixture[str]
) -> None:
    function.put()
    boto3.client("dynamodb").delete_table(TableName="courier")
    with pytest.raises(Unavailable, match="take the courier's lease"):
        function.invoke()
    assert function.receiver.bodies == []
    out = capsys.readouterr().out
    assert published(out, metric_names.DELIVERED) == [0]
    assert published(out, metric_names.BREAKER_OPEN) == []


def test_a_mailbox_that_cannot_be_used_is_an_error_of_the_function(function: Function) -> None:
    boto3.client("s3").delete_bucket(Bucket="mailbox")
    with pytest.raises(Unavailable, match="list the mailbox"):
        function.invoke()
    assert function.table.acquire("next", time.time()) is not None


def test_logs_have_keys_counts_and_reasons_and_nothing_of_bundles_or_secrets(
    function: Function, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = function.put(4)
    function.read_credentials()
    function.receiver.answer = ValueError("what the receiver wrote")
    function.invoke()
    function.receiver.answer = TIMEOUT
    function.invoke()
    out = capsys.readouterr().out
    assert "what the receiver wrote" not in out
    assert SECRET_TEXT not in out
    assert ids[0] * 2 not in out
    [said] = [line for line in lines(out) if line["message"] == "an error that nobody expects ended a delivery"][:1]
    assert said["error"] == "ValueError"
    assert any("send" in frame for frame in said["frames"])


def test_no_send_begins_that_would_outlast_the_function(function: Function) -> None:
    function.put()
    function.invoke(seconds_left=21)
    assert function.receiver.bodies == []
    assert function.waiting() == [bundle_key(new_bundle_id(NOW, b"12345678"))]
