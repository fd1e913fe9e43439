"""The mailbox monitor: what it counts, and its handler as Lambda calls it, on moto."""

from __future__ import annotations

import importlib
import json
import logging
import sys
import time
import uuid
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from harness.emf import samples, values
from moto import mock_aws

from baler.files import metric_names
from baler.files.bundle.ids import PREFIX, bundle_key, new_bundle_id, quarantine_key
from runtime.files.mailbox_monitor.listing import mailbox_pages
from runtime.files.mailbox_monitor.mailbox_stats import (
    PAGES_MAX,
    Incomplete,
    ListedObject,
    MailboxPage,
    MailboxStats,
    count_mailbox,
)
from runtime.files.mailbox_monitor.path import Inspection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mypy_boto3_s3 import S3Client

NOW = 1_795_165_262.0
QUEUE = "arn:aws:sqs:us-east-1:123456789012:ingest"
ALIAS = "arn:aws:lambda:us-east-1:123456789012:function:aggregator:live"
WELL = Inspection((), (), 7)


def key(number: int, created: float = NOW) -> str:
    return bundle_key(new_bundle_id(created, number.to_bytes(8, "big")))


def bundle(number: int, *, size: int = 100, age: float = 0.0) -> ListedObject:
    return ListedObject(key(number), size, NOW - age)


def plenty() -> float:
    return 55.0


def endless(found: ListedObject, taken: list[int]) -> Iterator[MailboxPage]:
    """A mailbox without an end; notes each page that is asked for."""
    while True:
        taken.append(1)
        yield MailboxPage([found], is_last=False)


def test_an_empty_mailbox_counts_as_zero_and_is_seen_whole() -> None:
    assert count_mailbox([MailboxPage([], is_last=True)], NOW, plenty) == MailboxStats(complete=True)


def test_bundles_are_counted_over_pages_with_their_bytes_and_the_age_of_the_one_that_waits_longest() -> None:
    pages = [
        MailboxPage([bundle(1, size=10, age=30.0), bundle(2, size=20, age=90.5)], is_last=False),
        MailboxPage([bundle(3, size=30, age=60.0)], is_last=True),
    ]
    assert count_mailbox(pages, NOW, plenty) == MailboxStats(objects=3, size=60, oldest_age=90.5, complete=True)


def test_a_bundle_waits_since_it_was_put_however_old_its_id_is() -> None:
    replayed = ListedObject(key(1, created=NOW - 365 * 86_400), 10, NOW - 5.0)
    assert count_mailbox([MailboxPage([replayed], is_last=True)], NOW, plenty).oldest_age == 5.0


def test_a_clock_of_s3_that_is_ahead_makes_no_age_negative() -> None:
    assert count_mailbox([MailboxPage([bundle(1, age=-3.0)], is_last=True)], NOW, plenty).oldest_age == 0.0


@pytest.mark.parametrize(
    "name",
    [
        "bundles/",
        "bundles/readme.txt",
        "bundles/2026/11/20/",
        "bundles/1999/01/01/20261120T090102345Z-9f86d081884c7d65.tar.gz",
        "bundles/../20261120T090102345Z-9f86d081884c7d65.tar.gz",
        "bundles/\n\x00\u202e",
        "bundles/" + "x" * 1016,
    ],
)
def test_what_is_no_bundle_is_counted_apart_and_makes_nobody_late(name: str) -> None:
    page = MailboxPage([ListedObject(name, 7, NOW - 1e6), bundle(1, size=10, age=2.0)], is_last=True)
    assert count_mailbox([page], NOW, plenty) == MailboxStats(1, 10, 2.0, foreign=1, complete=True)


def test_a_count_ends_with_its_budget_of_pages_and_says_that_there_is_more() -> None:
    taken: list[int] = []
    stats = count_mailbox(endless(bundle(1, age=9.0), taken), NOW, plenty)
    assert (stats.objects, stats.oldest_age, stats.complete) == (PAGES_MAX, 9.0, False)
    assert len(taken) == PAGES_MAX


def test_a_mailbox_that_ends_with_the_last_page_of_the_budget_was_seen_whole() -> None:
    pages = [MailboxPage([bundle(1)], is_last=number == PAGES_MAX) for number in range(1, PAGES_MAX + 1)]
    assert count_mailbox(pages, NOW, plenty).complete


def test_a_count_ends_before_its_function_is_killed() -> None:
    taken: list[int] = []
    left = iter([55.0, 40.0, 25.0, 10.0])
    stats = count_mailbox(endless(bundle(1), taken), NOW, lambda: next(left))
    assert (len(taken), stats.objects, stats.complete) == (4, 4, False)


def test_that_no_bundle_was_seen_is_not_told_as_none_where_there_is_more() -> None:
    taken: list[int] = []
    with pytest.raises(Incomplete, match=f"the first {PAGES_MAX} objects of the mailbox are no bundles"):
        count_mailbox(endless(ListedObject("bundles/0", 1, NOW), taken), NOW, plenty)


class Function:
    """The function, and the mailbox that it looks at."""

    def __init__(self, handle: Any, s3: S3Client, service: str) -> None:
        self.s3 = s3
        self._handle = handle
        self._service = service

    def put(self, *keys: str, body: bytes = b"hello") -> None:
        for each in keys:
            self.s3.put_object(Bucket="mailbox", Key=each, Body=body)

    def invoke(self, seconds_left: Callable[[], float] = plenty) -> dict[str, Any]:
        for handler in logging.getLogger(self._service).handlers:
            assert isinstance(handler, logging.StreamHandler)
            handler.setStream(sys.stdout)  # the one that is captured now; Powertools keeps the one at import
        context = SimpleNamespace(
            function_name="mailbox-monitor",
            memory_limit_in_mb=512,
            invoked_function_arn="arn:aws:lambda:eu-west-2:000000000000:function:mailbox-monitor",
            aws_request_id="request",
            get_remaining_time_in_millis=lambda: int(seconds_left() * 1000),
        )
        # What EventBridge sends.
        event: dict[str, Any] = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}
        return json.loads(json.dumps(self._handle(event, context)))


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Function]:
    """The function of a stack whose consumer pulls, or of the delivery that a test asks for."""
    service = f"mailbox-monitor-{uuid.uuid4()}"  # Python keeps a logger for each name
    for name, value in {
        "STACK": "test",
        "DELIVERY": getattr(request, "param", "pull"),
        "DISTRIBUTION_BUCKET": "mailbox",
        "LANDING_BUCKET": "landing",
        "INGEST_LANES": json.dumps(
            [
                {
                    "prefix": "",
                    "queue_url": "https://sqs.us-east-1.amazonaws.com/123456789012/ingest",
                    "queue_arn": QUEUE,
                    "mapping": "mapping",
                }
            ]
        ),
        "AGGREGATOR_ALIAS_ARN": ALIAS,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "POWERTOOLS_SERVICE_NAME": service,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="mailbox")
        sys.modules.pop("runtime.files.mailbox_monitor.handler", None)
        module = importlib.import_module("runtime.files.mailbox_monitor.handler")
        monkeypatch.setattr(module, "_inspector", SimpleNamespace(inspect=lambda: WELL))
        yield Function(module.handle, s3, service)
        sys.modules.pop("runtime.files.mailbox_monitor.handler", None)


def told(captured: str) -> dict[str, Sequence[float]]:
    found = samples(captured.splitlines())
    assert {(sample.namespace, sample.dimensions) for sample in found} == {
        (metric_names.NAMESPACE, (("stack", "test"),))
    }
    units = {sample.name: sample.unit for sample in found if sample.name.startswith("Mailbox")}
    assert units == {"MailboxObjects": "Count", "MailboxBytes": "Bytes", "MailboxOldestAge": "Seconds"}
    path = {name: values(found, name, stack="test") for name in ("QueueMessages", "NotFed", "NotConsumed", "Unread")}
    assert path == {"QueueMessages": [7], "NotFed": [0], "NotConsumed": [0], "Unread": [0]}
    return {name: values(found, name, stack="test") for name in units}


@pytest.mark.requirement("PULL-NFR-07")
def test_the_monitor_publishes_what_waits(function: Function, capsys: pytest.CaptureFixture[str]) -> None:
    started = time.time()
    function.put(key(1), key(2), key(3), body=b"x" * 11)
    answer = function.invoke()
    published = told(capsys.readouterr().out)
    assert (published["MailboxObjects"], published["MailboxBytes"]) == ([3], [33])
    # S3 tells when something was put to the second.
    assert 0 <= published["MailboxOldestAge"][0] <= time.time() - started + 1
    assert (answer["objects"], answer["size"], answer["complete"]) == (3, 33, True)


@pytest.mark.requirement("PULL-NFR-07")
def test_an_empty_mailbox_is_published_as_zeros_and_without_a_word(
    function: Function, capsys: pytest.CaptureFixture[str]
) -> None:
    function.invoke()
    out = capsys.readouterr().out
    assert told(out) == {"MailboxObjects": [0], "MailboxBytes": [0], "MailboxOldestAge": [0]}
    assert len(out.splitlines()) == 2


def test_a_mailbox_of_several_pages_is_counted_whole(function: Function, capsys: pytest.CaptureFixture[str]) -> None:
    function.put(*(key(number) for number in range(1001)))
    function.invoke()
    assert told(capsys.readouterr().out)["MailboxObjects"] == [1001]


def test_what_was_not_looked_at_is_said_in_the_log(function: Function, capsys: pytest.CaptureFixture[str]) -> None:
    function.put(*(key(number) for number in range(1001)))
    answer = function.invoke(lambda: 5.0)
    out = capsys.readouterr().out
    assert told(out)["MailboxObjects"] == [1000]
    assert answer["complete"] is False
    warnings = [json.loads(line) for line in out.splitlines() if '"WARNING"' in line]
    assert [(line["message"], line["objects"]) for line in warnings] == [
        ("counted a part of the mailbox only; there is more", 1000)
    ]


def test_foreign_objects_are_said_in_the_log_and_not_counted(
    function: Function, capsys: pytest.CaptureFixture[str]
) -> None:
    function.put("bundles/\x01\u202e\n{}", "bundles/stray", "elsewhere/stray", key(1))
    function.invoke()
    out = capsys.readouterr().out
    assert told(out)["MailboxObjects"] == [1]
    (warning,) = [json.loads(line) for line in out.splitlines() if '"WARNING"' in line]
    assert (warning["objects"], "no bundles" in warning["message"]) == (2, True)


def test_a_mailbox_that_cannot_be_listed_publishes_nothing_and_fails_the_invocation(
    function: Function, capsys: pytest.CaptureFixture[str]
) -> None:
    function.s3.delete_bucket(Bucket="mailbox")
    with pytest.raises(ClientError, match="NoSuchBucket"):
        function.invoke()
    out = capsys.readouterr().out
    assert "Mailbox" not in "".join(line for line in out.splitlines() if '"_aws"' in line)
    # The path of files was inspected all the same.
    assert '"NotFed"' in out


def test_a_page_is_asked_for_only_when_it_is_wanted(function: Function) -> None:
    function.put(*(key(number) for number in range(1001)))
    asked: list[str] = []

    def note(**_: Any) -> None:
        asked.append("page")

    function.s3.meta.events.register("before-send.s3.ListObjectsV2", note)
    pages = mailbox_pages(function.s3, "mailbox", PREFIX)
    first = next(pages)
    assert (len(first.found), first.is_last, len(asked)) == (1000, False, 1)
    assert first.found[0].key == key(0)
    assert datetime.fromtimestamp(first.found[0].put_at, UTC).year >= 2026
    second = next(pages)
    assert (len(second.found), second.is_last, len(asked)) == (1, True, 2)


def quarantined(captured: str) -> Sequence[float]:
    return values(samples(captured.splitlines()), "Quarantined", stack="test")


@pytest.mark.parametrize("function", ["http", "s3"], indirect=True)
def test_what_the_receiver_refused_is_counted_apart_from_what_waits(
    function: Function, capsys: pytest.CaptureFixture[str]
) -> None:
    set_aside = [quarantine_key(new_bundle_id(NOW, number.to_bytes(8, "big"))) for number in range(1001)]
    function.put(key(1), *set_aside, "quarantine/notes.txt")
    answer = function.invoke()
    out = capsys.readouterr().out
    assert (quarantined(out), answer["quarantined"], answer["objects"]) == ([1001], 1001, 1)


@pytest.mark.parametrize("function", ["http"], indirect=True)
def test_that_nothing_was_set_aside_is_published_too(function: Function, capsys: pytest.CaptureFixture[str]) -> None:
    function.invoke()
    assert quarantined(capsys.readouterr().out) == [0]


def test_where_a_consumer_pulls_nobody_sets_aside(function: Function, capsys: pytest.CaptureFixture[str]) -> None:
    function.put(quarantine_key(new_bundle_id(NOW, bytes(8))))
    answer = function.invoke()
    assert ("Quarantined" in capsys.readouterr().out, "quarantined" in answer) == (False, False)
