"""Reads files from the landing bucket: many at once, in order, with a bound on the bytes that wait."""

from __future__ import annotations

import hashlib
from collections import deque
from contextlib import closing
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from runtime.aggregator.ports import Fetched, NotFetched
from runtime.aggregator.verdict import Reason, rejected, retry
from runtime.aws.faults import code_of, unavailable
from runtime.claims.ports import Unavailable

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from concurrent.futures import Future, ThreadPoolExecutor

    from runtime.aws.lean.s3 import LeanS3, ObjectRead
    from runtime.files import LandedFile

# What may be fetched ahead of the file that is being bundled.
_AHEAD_FILES: Final = 64
_CHUNK_BYTES: Final = 256 * 1024
# The client retries a request, not a body that breaks off while it is read: that is done here.
_TRIES: Final = 3
_GONE: Final = frozenset({"NoSuchKey", "NoSuchVersion", "PreconditionFailed", "MethodNotAllowed"})


class S3Landing:
    """The Landing port (see runtime/aggregator/ports.py).

    Args:
        client: of the landing bucket.
        pool: the threads that fetch.
        max_file_bytes: a larger file is rejected, whatever the event said.
        in_memory_bytes: so much (by the events' sizes) is fetched ahead of the file that is being bundled, or one file
            if that is larger; which is then on disk.
    """

    def __init__(self, client: LeanS3, pool: ThreadPoolExecutor, max_file_bytes: int, in_memory_bytes: int) -> None:
        self._client = client
        self._pool = pool
        self._max_file_bytes = max_file_bytes
        self._in_memory_bytes = in_memory_bytes

    def fetch(self, files: Sequence[LandedFile]) -> Generator[Fetched | NotFetched]:
        """Yield each file in the order given; see Landing.fetch."""
        waiting = deque(files)
        ahead: deque[tuple[LandedFile, Future[Fetched | NotFetched]]] = deque()
        ahead_bytes = 0
        try:
            while waiting or ahead:
                while (
                    waiting
                    and len(ahead) < _AHEAD_FILES
                    and (not ahead or ahead_bytes + waiting[0].size <= self._in_memory_bytes)
                ):
                    file = waiting.popleft()
                    ahead.append((file, self._pool.submit(self._fetch, file)))
                    ahead_bytes += file.size
                file, future = ahead.popleft()
                ahead_bytes -= file.size
                yield future.result()
        finally:
            for _, future in ahead:
                if not future.cancel():
                    future.add_done_callback(_discard)

    def _fetch(self, file: LandedFile) -> Fetched | NotFetched:
        try:
            for _ in range(_TRIES - 1):
                try:
                    return self._read(file)
                except Unavailable:
                    continue
            return self._read(file)
        except Unavailable:
            return NotFetched(file, retry(Reason.LANDING_UNAVAILABLE))
        except ClientError:
            # One file that cannot be read (put with a key of the external party's own, into Glacier, ...) must not
            # stop the batch; and where it is our role that is wrong, the retries outlast the repair.
            return NotFetched(file, retry(Reason.UNREADABLE))

    def _get(self, file: LandedFile) -> ObjectRead:
        if file.version_id is None:
            # Without versions the ETag is what tells the file that landed from one that was put over it since.
            return self._client.get_object(Bucket=file.bucket, Key=file.key, IfMatch=file.etag)
        return self._client.get_object(Bucket=file.bucket, Key=file.key, VersionId=file.version_id)

    def _read(self, file: LandedFile) -> Fetched | NotFetched:
        with unavailable("get a file"):
            try:
                answer = self._get(file)
            except ClientError as error:
                if code_of(error) not in _GONE:
                    raise
                return NotFetched(file, rejected(Reason.OBJECT_MISSING))
        with closing(answer["Body"]) as stream:
            if answer["ContentLength"] > self._max_file_bytes:
                return NotFetched(file, rejected(Reason.TOO_LARGE))
            if answer["ContentLength"] > file.size:
                # Told sizes bound what is fetched ahead and what goes into one bundle, and S3 tells them right.
                return NotFetched(file, rejected(Reason.LARGER_THAN_TOLD))
            body: IO[bytes] = SpooledTemporaryFile(max_size=self._in_memory_bytes)  # noqa: SIM115 - whoever bundles it closes it
            digest = hashlib.sha256()
            size = 0
            try:
                for chunk in stream.iter_chunks(_CHUNK_BYTES):
                    body.write(chunk)
                    digest.update(chunk)
                    size += len(chunk)
            except BotoCoreError as error:
                body.close()
                raise Unavailable("a file's body broke off") from error
            body.seek(0)
            return Fetched(file, body, size, digest.hexdigest())


def _discard(future: Future[Fetched | NotFetched]) -> None:
    """Free a file that nobody waits for any more."""
    if future.exception() is None and isinstance(fetched := future.result(), Fetched):
        fetched.body.close()
