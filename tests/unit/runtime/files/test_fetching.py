"""How files are fetched: beside each other, never far ahead of the writer, and not for longer than anybody waits."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from baler.files.landed_file import LandedFile
from baler.files.reason import Reason
from runtime.files.aggregator.ports import Fetched, NotFetched
from runtime.files.aws.landing import S3Landing

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

SIZE = 1000


@dataclass
class Bucket:
    """The client of a landing bucket: it notes who asks for what, and does something before it answers."""

    before: Callable[[], object] = lambda: None
    asked: list[str] = field(default_factory=list[str])
    bodies: list[Body] = field(default_factory=list["Body"])

    def until(self, _deadline: float) -> Bucket:
        return self

    def get_object(self, *, Bucket: str, Key: str, VersionId: str) -> dict[str, Any]:  # noqa: N803 - boto3's words
        assert (Bucket, VersionId) == ("landing", "v1")
        self.asked.append(Key)
        self.before()
        body = Body()
        self.bodies.append(body)
        return {"ContentLength": SIZE, "Body": body}


@dataclass
class Body:
    closed: bool = False

    def iter_chunks(self, chunk_size: int) -> Generator[bytes]:
        assert chunk_size >= SIZE
        yield b"x" * SIZE

    def close(self) -> None:
        self.closed = True


def files(count: int) -> list[LandedFile]:
    return [LandedFile("landing", f"k{n}", "v1", "e" * 32, SIZE, datetime.now(UTC)) for n in range(count)]


def landing(bucket: Bucket, pool: ThreadPoolExecutor, in_memory_bytes: int = 10**6, seconds: float = 60) -> S3Landing:
    client: Any = bucket
    return S3Landing(client, pool, 10**8, in_memory_bytes, time.time() + seconds)


def close(item: Fetched | NotFetched) -> None:
    assert isinstance(item, Fetched)
    item.body.close()


@pytest.mark.requirement("MINIO-ARCHIVE-01")
def test_files_are_fetched_beside_each_other() -> None:
    together = threading.Barrier(8)
    bucket = Bucket(before=lambda: together.wait(20))  # nobody is answered until eight have asked
    with ThreadPoolExecutor(8) as pool:
        items = list(landing(bucket, pool).fetch(files(8)))
    assert [item.file.key for item in items] == [f"k{n}" for n in range(8)]
    for item in items:
        close(item)


@pytest.mark.requirement("MINIO-ARCHIVE-03")
def test_no_more_is_fetched_ahead_of_the_writer_than_memory_allows() -> None:
    bucket = Bucket()
    with ThreadPoolExecutor(8) as pool:
        fetched = landing(bucket, pool, in_memory_bytes=5 * SIZE).fetch(files(100))
        for number in range(1, 20):
            close(next(fetched))
            pool.submit(lambda: None).result()
            assert len(bucket.asked) <= number + 5, "a writer that is slow is not run over"
        fetched.close()


@pytest.mark.requirement("MINIO-ARCHIVE-03")
def test_many_small_files_are_bounded_by_their_number() -> None:
    bucket = Bucket()
    with ThreadPoolExecutor(8) as pool:
        fetched = landing(bucket, pool, in_memory_bytes=10**9).fetch(files(500))
        close(next(fetched))
        deadline = time.monotonic() + 10
        while len(bucket.asked) < 64:
            assert time.monotonic() < deadline, bucket.asked
        time.sleep(0.05)
        assert len(bucket.asked) == 64
        fetched.close()


@pytest.mark.requirement("MINIO-ARCHIVE-05")
def test_a_writer_that_fails_ends_the_fetching_and_frees_what_was_fetched() -> None:
    release = threading.Event()
    bucket = Bucket(before=lambda: len(bucket.asked) > 1 and release.wait(20))
    with ThreadPoolExecutor(4) as pool:
        fetched = landing(bucket, pool).fetch(files(60))
        close(next(fetched))
        fetched.close()  # as an error in the `for` that writes does
        release.set()
    # Four were on their way; those that nobody had begun never are.
    assert len(bucket.asked) <= 6
    assert all(body.closed for body in bucket.bodies)


@pytest.mark.requirement("MINIO-ARCHIVE-02")
def test_what_is_not_there_at_the_deadline_is_left_out_and_nobody_waits_for_it() -> None:
    release = threading.Event()
    bucket = Bucket(before=lambda: len(bucket.asked) > 1 and release.wait(20))
    with ThreadPoolExecutor(1) as pool:
        began = time.monotonic()
        items = list(landing(bucket, pool, seconds=0.5).fetch(files(5)))
        assert time.monotonic() - began < 5
        release.set()
    close(items[0])
    reasons = [item.outcome.reason for item in items[1:] if isinstance(item, NotFetched)]
    assert reasons == [Reason.LANDING_UNAVAILABLE] * 4
