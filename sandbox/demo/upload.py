"""Plays the external party: puts files at a steady rate, and notes when each was put."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mypy_boto3_s3 import S3Client

    from sandbox.demo.files import SourceFile

_WORKERS: Final = 8


@dataclass(frozen=True)
class Uploaded:
    """A file that S3 has taken.

    Attributes:
        file: what was sent.
        version_id: what S3 calls it.
        at: seconds since the epoch when S3 had answered.
    """

    file: SourceFile
    version_id: str
    at: float


def upload(
    s3: S3Client, bucket: str, files: Sequence[SourceFile], rate: float, on_upload: Callable[[], None]
) -> list[Uploaded]:
    """Put files, at most `rate` a second.

    Args:
        s3: a client.
        bucket: the landing bucket.
        files: what to put; the key of each is its own.
        rate: files per second.
        on_upload: called after each.
    """
    start = time.monotonic()
    abandoned = threading.Event()

    def put(numbered: tuple[int, SourceFile]) -> Uploaded:
        number, file = numbered
        if abandoned.wait(max(0.0, start + number / rate - time.monotonic())):
            raise InterruptedError("the upload was abandoned")
        with file.path.open("rb") as body:
            answer = s3.put_object(Bucket=bucket, Key=file.key, Body=body)
        on_upload()
        return Uploaded(file, answer["VersionId"], time.time())

    with ThreadPoolExecutor(_WORKERS) as pool:
        try:
            return list(_all(pool, put, files))
        finally:
            abandoned.set()


def landed_versions(s3: S3Client, bucket: str) -> list[tuple[str, str]]:
    """Return key and version of each file that landed: one whose answer was lost was put again, and landed twice."""
    return [
        (version.get("Key", ""), version.get("VersionId", ""))
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket)
        for version in page.get("Versions", [])
    ]


def _all(
    pool: ThreadPoolExecutor, put: Callable[[tuple[int, SourceFile]], Uploaded], files: Sequence[SourceFile]
) -> Iterator[Uploaded]:
    futures = [pool.submit(put, numbered) for numbered in enumerate(files)]
    try:
        for future in futures:
            yield future.result()
    finally:
        for future in futures:
            future.cancel()
