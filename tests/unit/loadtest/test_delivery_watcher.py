"""The watcher of deliveries on moto's S3: what comes into the mailbox in whatever order, and what leaves it again."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import ClientError
from harness.consumer import make_bundle
from moto import mock_aws

from baler.files.bundle.fence import META_FENCE, body_of_fence
from baler.files.bundle.ids import ENTROPY_BYTES, bundle_key, new_bundle_id
from loadtest.bundles import BundleWatch
from loadtest.delivery_watcher import DeliveryWatcher
from loadtest.drain import Drain, Ending
from loadtest.files import Upload, content_of, key_of
from loadtest.ledger import DeliveryLedger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client

RUN = "20261120T090000Z-abcdef"
BUCKET = "mailbox"


@dataclass
class Stack:
    """A mailbox, and a watcher that looks when it is told to."""

    s3: S3Client
    began: float = field(default_factory=time.time)
    uploading: bool = False
    queued: int = 0
    latencies: list[float] = field(default_factory=list[float])
    puts: int = 0

    def __post_init__(self) -> None:
        self.ledger = DeliveryLedger(RUN)
        self.watch = BundleWatch(self.s3, BUCKET, self.began - 60)
        self.watcher = DeliveryWatcher(
            self.watch,
            self.ledger,
            Drain(self.began + 1000),
            lambda: self.uploading,
            lambda: self.queued,
            self.latencies.append,
        )

    def put(self, *numbers: int, age: float = 0.0, body: bytes | None = None) -> str:
        """Put a bundle of files whose attempt began `age` seconds before the run."""
        self.puts += 1
        _, packed = make_bundle([(key_of(RUN, number), content_of(RUN, number)) for number in numbers], self.puts)
        key = bundle_key(new_bundle_id(self.began - age, self.puts.to_bytes(ENTROPY_BYTES, "big")))
        metadata = {"content-sha256": hashlib.sha256(packed).hexdigest()}
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=packed if body is None else body, Metadata=metadata)
        return key

    def uploaded(self, *versions: str) -> None:
        """Report files 0, 1, ... as uploaded with these versions, which are those of make_bundle()."""
        at = self.began - 5
        self.ledger.note_uploads(Upload(n, 0.0, 0.0, 0.1, at, version, "") for n, version in enumerate(versions))

    def look(self, after: float = 0.0) -> Ending | None:
        return self.watcher.look(self.began + after)


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket=BUCKET)
        yield Stack(s3)


def test_latency_ends_when_the_bundle_was_there_at_the_latest(stack: Stack) -> None:
    stack.uploaded("version-1-0", "version-1-1")
    stack.put(0, 1)
    assert stack.look() is Ending.DRAINED
    assert len(stack.latencies) == 2
    # The upload ended 5 s before; S3 tells whole seconds, and the look itself is another bound.
    assert all(5 <= latency <= time.time() - stack.began + 5 for latency in stack.latencies)


def test_a_bundle_is_read_once(stack: Stack) -> None:
    stack.put(0)
    stack.look()
    stack.look()
    assert len(stack.watch.seen) == 1
    assert stack.ledger.twice == set()


def test_more_bundles_than_a_page_holds_are_all_found(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")
    stack.uploaded(*(f"version-{number}-0" for number in range(1, 6)))
    for number in range(5):
        stack.put(number)
    assert stack.look() is Ending.DRAINED


def test_a_bundle_that_comes_out_of_order_is_found_while_files_are_uploaded(stack: Stack) -> None:
    stack.uploading = True
    stack.put(0, age=0)
    stack.look(after=100)
    stack.put(1, age=30)
    stack.look(after=120)
    assert len(stack.watch.seen) == 2


def test_a_bundle_that_is_rolled_forward_under_an_old_name_is_found_in_the_end(stack: Stack) -> None:
    stack.uploaded("version-1-0")
    stack.uploading = True
    stack.put(0)
    stack.look(after=600)
    assert stack.ledger.missing == {0}
    stack.uploading = False
    assert stack.look(after=601) is Ending.DRAINED


def test_bundles_from_before_the_run_are_left_alone(stack: Stack) -> None:
    stack.put(0, age=61)
    stack.look()
    assert stack.watch.seen == set()


def test_a_fence_is_not_a_bundle(stack: Stack) -> None:
    key = stack.put(0)
    stack.s3.put_object(Bucket=BUCKET, Key=key, Body=body_of_fence(), Metadata={META_FENCE: "1"})
    stack.look()
    assert (stack.watch.seen, stack.watch.broken) == (set(), [])


def test_a_lost_file_is_waited_for_and_then_lost(stack: Stack) -> None:
    stack.uploaded("version-1-0", "version-1-1")
    stack.put(0)
    assert stack.look() is None
    assert stack.look(after=60) is Ending.DRAINED
    assert stack.ledger.missing == {1}


def test_a_file_in_two_bundles_is_told(stack: Stack) -> None:
    stack.uploaded("version-1-0")
    stack.put(0)
    stack.puts = 0  # the same version once more, in a bundle of another name
    key = bundle_key(new_bundle_id(stack.began, bytes(ENTROPY_BYTES)))
    source = {"Bucket": BUCKET, "Key": stack.put(0)}
    stack.s3.copy_object(Bucket=BUCKET, Key=key, CopySource=source)  # pyright: ignore[reportArgumentType]  # a dictionary of that form
    stack.look()
    assert stack.ledger.twice == {0}


@pytest.mark.parametrize("body", [b"not a bundle", make_bundle([("key", b"x")])[1][:-40]])
def test_a_bundle_that_cannot_be_read_is_told_and_does_not_stop_the_others(stack: Stack, body: bytes) -> None:
    broken = stack.put(0, body=body)
    stack.put(1)
    stack.look()
    assert stack.watch.broken == [broken]
    assert len(stack.watch.seen) == 2


def test_a_bundle_with_other_bytes_than_its_metadata_says_is_told(stack: Stack) -> None:
    key = stack.put(0, body=make_bundle([("key", b"x")])[1])
    stack.look()
    assert stack.watch.broken == [key]


def test_a_bundle_that_a_consumer_takes_away_is_told(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    key = stack.put(0)
    get = stack.s3.get_object

    def get_after_the_consumer(**arguments: str) -> object:
        stack.s3.delete_object(Bucket=BUCKET, Key=key)
        return get(**arguments)  # pyright: ignore[reportArgumentType]  # passed on as it came

    monkeypatch.setattr(stack.s3, "get_object", get_after_the_consumer)
    stack.look()
    assert stack.watch.vanished == 1


def test_an_answer_that_does_not_come_is_asked_for_again(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    stack.uploaded("version-1-0")
    stack.put(0)
    get = stack.s3.get_object
    faults = [ClientError({"Error": {"Code": "SlowDown"}}, "GetObject")]

    def get_the_second_time(**arguments: str) -> object:
        if faults:
            raise faults.pop()
        return get(**arguments)  # pyright: ignore[reportArgumentType]  # passed on as it came

    monkeypatch.setattr(stack.s3, "get_object", get_the_second_time)
    assert stack.look() is None
    assert stack.look() is Ending.DRAINED
    assert (stack.watcher.failed_looks, stack.ledger.missing) == (1, set())


def test_it_does_not_end_before_the_queue_is_empty(stack: Stack) -> None:
    stack.queued = 1
    assert stack.look() is None
    stack.queued = 0
    assert stack.look(after=1) is Ending.DRAINED
