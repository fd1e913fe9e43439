"""A run in the process that measures, on moto's S3 and SQS."""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from harness.consumer import make_bundle
from moto import mock_aws

from baler.files.bundle.ids import ENTROPY_BYTES, bundle_key, new_bundle_id
from loadtest import summary
from loadtest.drain import Ending
from loadtest.files import Upload, content_of, key_of
from loadtest.measurement import Measurement
from loadtest.shapes import shape_of
from loadtest.slo_result import Result
from loadtest.stack_under_test import StackUnderTest, StackUnderTestError

if TYPE_CHECKING:
    from collections.abc import Iterator

REGION = "eu-west-2"
FILES = 20


@pytest.fixture
def target(monkeypatch: pytest.MonkeyPatch) -> Iterator[StackUnderTest]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        s3, sqs = boto3.client("s3", region_name=REGION), boto3.client("sqs", region_name=REGION)
        for bucket in ("landing", "archive", "mailbox"):
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        urls = [sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("ingest", "dead")]
        yield StackUnderTest(REGION, "landing", "archive", "mailbox", *urls)


class Run:
    """A measurement of 20 files, all of which were uploaded by one process."""

    def __init__(self, target: StackUnderTest) -> None:
        self.deliveries: list[float] = []
        self.measurement = Measurement(target, shape_of("baseline", "2"), 1, "mailbox", self.deliveries.append)
        self.measurement.receive(self.report())

    def report(self, **changes: Any) -> dict[str, Any]:
        """Return a report as the uploading process sends it and msgpack leaves it: tuples are lists."""
        finished = time.time()
        uploads = [list(Upload(n, n / 10, 0.0, 0.1, finished, f"version-1-{n}", "")) for n in range(FILES)]
        return {
            "index": 0,
            "uploads": uploads,
            "done": True,
            "cpu_seconds": 0.02,
            "stalled_seconds": 0.0,
            "now": finished,
            **changes,
        }

    def put(self, bucket: str) -> None:
        """Put the bundle of all files into a bucket."""
        run = self.measurement.run
        _, body = make_bundle([(key_of(run, n), content_of(run, n)) for n in range(FILES)])
        boto3.client("s3", region_name=REGION).put_object(
            Bucket=bucket,
            Key=bundle_key(new_bundle_id(time.time(), bytes(ENTROPY_BYTES))),
            Body=body,
            Metadata={"content-sha256": hashlib.sha256(body).hexdigest()},
        )


def test_what_waits_in_any_lane_is_counted(target: StackUnderTest) -> None:
    sqs = boto3.client("sqs", region_name=REGION)
    second = sqs.create_queue(QueueName="ingest-2")["QueueUrl"]
    for url in (target.ingest_queue_url, second):
        sqs.send_message(QueueUrl=url, MessageBody="a file")
    lanes = replace(target, ingest_queue_urls=f"{target.ingest_queue_url} {second}")
    assert Run(lanes).measurement.queued_before == 2


def test_what_is_uploaded_and_then_in_the_mailbox_is_met(target: StackUnderTest) -> None:
    run = Run(target)
    run.put("mailbox")
    assert run.measurement.watcher.look(time.time()) is Ending.DRAINED
    finished = run.measurement.finish(Ending.DRAINED)
    assert (finished.slo.result, finished.slo.reasons) == (Result.MET, ())
    assert len(run.deliveries) == FILES
    document = summary.document(run.measurement, finished)
    assert (document["result"], document["lost"], document["bundles"]) == ("met", 0, 1)
    assert document["cpu_ms_per_upload"] == 1.0


def test_what_is_in_the_archive_alone_was_not_seen_rather_than_lost(target: StackUnderTest) -> None:
    run = Run(target)
    run.put("archive")
    finished = run.measurement.finish(Ending.DRAINED)
    assert finished.circumstances.unseen == set(range(FILES))
    assert finished.slo.result is Result.INCONCLUSIVE


def test_what_is_nowhere_is_lost(target: StackUnderTest) -> None:
    finished = Run(target).measurement.finish(Ending.DRAINED)
    assert finished.slo.lost == set(range(FILES))
    assert finished.slo.result is Result.MISSED


def test_a_run_of_several_processes_is_not_over_before_all_have_reported(target: StackUnderTest) -> None:
    measurement = Measurement(target, shape_of("baseline", "2"), 2, "mailbox", lambda _: None)
    run = Run(target)
    measurement.receive(run.report(uploads=[]))
    assert measurement.watcher.look(time.time()) is None
    measurement.receive(run.report(uploads=[], index=1))
    assert measurement.watcher.look(time.time()) is Ending.DRAINED


def test_a_clock_is_wrong_by_what_every_message_says(target: StackUnderTest) -> None:
    run = Run(target)
    run.measurement.receive(run.report(uploads=[], index=1, now=time.time() - 10))
    run.measurement.receive(run.report(uploads=[], index=1, now=time.time() - 60))
    assert 9 < run.measurement.finish(Ending.DRAINED).circumstances.clock_error < 20


def test_receipts_are_watched_only_where_a_courier_has_some(target: StackUnderTest) -> None:
    with pytest.raises(StackUnderTestError, match=r"has no courier.*--watch mailbox"):
        Measurement(target, shape_of("baseline", "2"), 1, "receipts", lambda _: None)


@pytest.mark.parametrize("changes", [{"distribution_bucket": "none"}, {"ingest_queue_url": "http://sqs/none"}])
def test_a_stack_that_cannot_be_watched_is_refused_before_anything_is_uploaded(
    target: StackUnderTest, changes: dict[str, str]
) -> None:
    with pytest.raises(StackUnderTestError, match="The stack cannot be watched"):
        Measurement(replace(target, **changes), shape_of("baseline"), 1, "mailbox", lambda _: None)
