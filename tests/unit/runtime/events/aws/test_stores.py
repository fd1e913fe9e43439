"""Buckets and the stream's description."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from harness.event_functions import PROCESSED, RAW, EventStores

from baler.events.raw_object import StreamObject
from baler.store_errors import Unavailable
from runtime.events.aws.clients import TransformerClients
from runtime.events.aws.processed_store import S3ProcessedTarget
from runtime.events.aws.raw_store import S3RawSource, S3RawStore
from runtime.events.aws.stream_life import FRESH_SECONDS, StreamLife

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def clients(stores: EventStores) -> Iterator[TransformerClients]:  # noqa: ARG001 - what they talk with
    with closing(TransformerClients.connect(RAW, PROCESSED)) as made:
        yield made


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as made:
        yield made


def stream_object(shard: str, content: bytes) -> StreamObject:
    digest = hashlib.sha256(content).hexdigest()
    return StreamObject(f"raw/event_type=metric/data_1.{shard}_1_2_{digest}.json", content, 1)


def test_objects_are_put_once_and_read_whole(
    clients: TransformerClients, stores: EventStores, pool: ThreadPoolExecutor, shard: str
) -> None:
    store, source = S3RawStore(clients.raw, RAW, pool), S3RawSource(clients.raw, RAW)
    objects = [stream_object(shard, b"%d\n" % number * 1000) for number in range(5)]
    store.put(objects)
    store.put(objects)
    assert stores.versions(RAW, shard) == 5
    assert [source.get(each.key) for each in objects] == [each.content for each in objects]
    head = boto3.client("s3").head_object(Bucket=RAW, Key=objects[0].key, ChecksumMode="ENABLED")
    assert head.get("ChecksumSHA256")


def test_an_object_that_is_not_there_is_none(clients: TransformerClients) -> None:
    assert S3RawSource(clients.raw, RAW).get("raw/no-such-object") is None


def test_a_bucket_that_cannot_be_used_is_unavailable(clients: TransformerClients, pool: ThreadPoolExecutor) -> None:
    past = 1.0
    with pytest.raises(Unavailable):
        S3RawSource(clients.raw, RAW, past).get("raw/x")
    with pytest.raises(Unavailable):
        S3RawStore(clients.raw, RAW, pool, past).put([stream_object("x", b"a")])
    with pytest.raises(Unavailable):
        S3ProcessedTarget(clients.processed, PROCESSED, past).put("raw/x", b"")


def test_no_put_goes_on_when_one_of_them_has_failed(pool: ThreadPoolExecutor) -> None:
    failed, ended = threading.Event(), list[str]()

    class Client:
        def put_object(self, *, Key: str, **_: Any) -> None:  # noqa: N803 - boto3's words
            if Key.startswith("raw/fails"):
                failed.set()
                raise ClientError({"Error": {"Code": "AccessDenied"}}, "PutObject")
            assert failed.wait(10)
            ended.append(Key)

    client: Any = Client()
    digest = "ab" * 32
    names = ("slow_1", "fails_1", "slow_2")
    with pytest.raises(Unavailable):
        S3RawStore(client, RAW, pool).put([StreamObject(f"raw/{name}_{digest}.json", b"", 1) for name in names])
    assert len(ended) == 2


def test_a_processed_object_replaces_what_was_there(clients: TransformerClients) -> None:
    target = S3ProcessedTarget(clients.processed, PROCESSED)
    for body in (b"first", b"second"):
        target.put("raw/event_type=metric/x.json", body)
    answer = boto3.client("s3").get_object(Bucket=PROCESSED, Key="processed/event_type=metric/x.json")
    assert answer["Body"].read() == b"second"


# --- the stream's description


class Kinesis:
    """A stream that is replaced, or does not answer."""

    def __init__(self) -> None:
        self.created_at = 1_795_000_000.7
        self.silent = False
        self.calls = 0

    def describe_stream_summary(self, *, StreamARN: str) -> Any:  # noqa: N803 - boto3's word
        assert StreamARN == "arn"
        self.calls += 1
        if self.silent:
            raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "DescribeStreamSummary")
        moment = datetime.fromtimestamp(self.created_at, UTC)
        return {"StreamDescriptionSummary": {"StreamCreationTimestamp": moment}}

    def close(self) -> None:
        """There is nothing to close."""


class Life:
    """A stream's life at a time that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.kinesis = Kinesis()
        self.life = StreamLife(self.kinesis, "arn", lambda: self.now)

    def created_at(self) -> int:
        return self.life.created_at(float("inf"))


def test_a_stream_is_described_once_for_many_batches() -> None:
    life = Life()
    assert [life.created_at() for _ in range(5)] == [1_795_000_000] * 5
    assert life.kinesis.calls == 1


def test_a_stream_that_was_replaced_is_known_after_a_while() -> None:
    life = Life()
    life.created_at()
    life.kinesis.created_at += 500
    life.now += FRESH_SECONDS
    assert life.created_at() == 1_795_000_500


def test_what_is_known_of_a_stream_stands_while_it_cannot_be_described() -> None:
    life = Life()
    life.created_at()
    life.kinesis.silent = True
    life.now += FRESH_SECONDS
    assert [life.created_at() for _ in range(5)] == [1_795_000_000] * 5
    assert life.kinesis.calls == 2


def test_a_stream_of_which_nothing_is_known_is_unavailable() -> None:
    life = Life()
    life.kinesis.silent = True
    for _ in range(2):
        with pytest.raises(Unavailable):
            life.created_at()
    life.kinesis.silent = False
    assert life.created_at() == 1_795_000_000
