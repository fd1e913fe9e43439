"""The peer that most people would write: boto3 and `tarfile`, as requirement document 3 describes its code.

Document 3's `app.py`, `core.py` and `clients.py` in one file, with the patterns that it names: fetchers in a thread
pool, a bounded queue as back-pressure, one writer thread into `tarfile` over a SpooledTemporaryFile, the hash taken
while the archive is uploaded and put into the metadata by a copy. Left out, in its favour: Powertools' batch
processor and the credentials from Secrets Manager. It claims before the bundle exists, so a crash loses files; that
is the document's, and why Baler has another protocol.
"""

from __future__ import annotations

import hashlib
import queue
import tarfile
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any, Final, cast

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

# The document names the setting and gives no number; 16 is what ours uses.
MAX_FETCH_WORKERS: Final = 16
# "keeping small archives entirely in memory".
_SPOOL_BYTES: Final = 64 * 1024 * 1024
_POLL_SECONDS: Final = 0.1


@dataclass(frozen=True)
class PlainClients:
    """What the document's factory makes, once."""

    s3: S3Client
    dynamodb: DynamoDBClient


def get_boto_clients() -> PlainClients:
    """Make clients with one retry configuration (document 3, 2.3)."""
    retryable = Config(
        retries={"mode": "standard", "total_max_attempts": 3},
        max_pool_connections=MAX_FETCH_WORKERS,
        connect_timeout=5,
        read_timeout=60,
    )
    return PlainClients(boto3.client("s3", config=retryable), boto3.client("dynamodb", config=retryable))


class ArchiveHasher:
    """Calculates the SHA-256 of a stream while it is read (document 3, 2.1, "Data Integrity and Upload")."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Read and note."""
        data = self._stream.read(size)
        self._digest.update(data)
        return data

    def hexdigest(self) -> str:
        """Return the hash of what was read so far."""
        return self._digest.hexdigest()


class PlainAggregator:
    """Bundles objects of one bucket into another.

    Args:
        clients: see get_boto_clients.
        source: the landing bucket.
        target: the bucket that stands in for MinIO.
    """

    def __init__(self, clients: PlainClients, source: str, target: str) -> None:
        self._clients = clients
        self._source = source
        self._target = target

    def process(self, keys: Sequence[str], bundle_key: str, table: str | None) -> int:
        """Bundle the keys that are new; returns how many those are.

        Args:
            keys: object keys of a batch.
            bundle_key: where the bundle goes.
            table: the idempotency table, its key `ObjectID`; None takes every key as new.
        """
        unique = keys if table is None else [key for key in keys if self.is_object_unique(key, table)]
        if unique:
            with SpooledTemporaryFile(max_size=_SPOOL_BYTES) as archive:
                self._stream_archive(unique, archive)
                archive.seek(0)
                self._upload(archive, bundle_key)
        return len(unique)

    def is_object_unique(self, key: str, table: str) -> bool:
        """Check and set the idempotency key with one atomic write (document 3, 2.2)."""
        shard = hashlib.sha256(key.encode()).hexdigest()[:4]
        try:
            self._clients.dynamodb.put_item(
                TableName=table,
                Item={"ObjectID": {"S": f"{shard}#{key}"}},
                ConditionExpression="attribute_not_exists(ObjectID)",
            )
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "ConditionalCheckFailedException":
                raise
            return False
        return True

    def _stream_archive(self, keys: Sequence[str], archive: IO[bytes]) -> None:
        """Let fetchers open objects while the writer packs them (document 3, 2.1, "Concurrent Archiving")."""
        fetched: queue.Queue[tuple[str, Any] | None] = queue.Queue(MAX_FETCH_WORKERS)
        error_event = threading.Event()

        def put(item: tuple[str, Any] | None) -> None:
            while not error_event.is_set():
                try:
                    return fetched.put(item, timeout=_POLL_SECONDS)
                except queue.Full:
                    continue
            return None

        def fetcher(key: str) -> None:
            try:
                put((key, self._clients.s3.get_object(Bucket=self._source, Key=key)))
            except BaseException:
                error_event.set()
                raise

        def writer() -> None:
            try:
                with tarfile.open(fileobj=archive, mode="w:gz") as tar:
                    while (item := _next(fetched, error_event)) is not None:
                        key, answer = item
                        member = tarfile.TarInfo(key)
                        member.size = answer["ContentLength"]
                        with closing(answer["Body"]) as body:
                            tar.addfile(member, body)
            except BaseException:
                error_event.set()
                raise

        with ThreadPoolExecutor(1) as writing, ThreadPoolExecutor(MAX_FETCH_WORKERS) as fetching:
            written = writing.submit(writer)
            fetchers = [fetching.submit(fetcher, key) for key in keys]
            for future in fetchers:
                future.result()
            put(None)
            written.result()

    def _upload(self, archive: IO[bytes], bundle_key: str) -> None:
        hasher = ArchiveHasher(archive)
        self._clients.s3.upload_fileobj(cast("IO[bytes]", hasher), self._target, bundle_key)
        self._clients.s3.copy_object(
            Bucket=self._target,
            Key=bundle_key,
            CopySource={"Bucket": self._target, "Key": bundle_key},
            Metadata={"sha256_checksum": hasher.hexdigest()},
            MetadataDirective="REPLACE",
        )


def _next(fetched: queue.Queue[tuple[str, Any] | None], error_event: threading.Event) -> tuple[str, Any] | None:
    """Wait for the next object, or for its failure."""
    while True:
        try:
            return fetched.get(timeout=_POLL_SECONDS)
        except queue.Empty:
            if error_event.is_set():
                return None
