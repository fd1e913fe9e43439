"""Reads files from the landing bucket: many at once, in order, with a bound on the bytes that wait and on the time."""

from __future__ import annotations

import hashlib
import math
import time
from collections import deque
from concurrent.futures import TimeoutError as NotYetError
from contextlib import closing
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from baler.aws.attempts import attempt
from baler.aws.faults import code_of, fault_of
from baler.aws.http.connections import OversizedHeaderError
from baler.files.reason import Reason
from baler.store_errors import Unavailable
from runtime.files.aggregator.file_outcome import rejected, retry
from runtime.files.aggregator.ports import Fetched, NotFetched

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from concurrent.futures import Future, ThreadPoolExecutor

    from baler.aws.http.s3 import HttpS3, ObjectRead
    from baler.files.landed_file import LandedFile

# What may be fetched ahead of the file that is being bundled.
_AHEAD_FILES: Final = 64
_CHUNK_BYTES: Final = 256 * 1024
# A file may take so long, and a second more for each of so many bytes. Whoever is slower hangs, or drips: it is left
# out and comes with a later batch, so that the other files of this one need not wait. The time is enough for two
# requests that S3 does not answer, and more for a connection that died unseen; the rate is a tenth of a slow one.
_PATIENCE_SECONDS: Final = 4.0
_SLOWEST_BYTES_PER_SECOND: Final = 1_000_000
_GONE: Final = frozenset({"NoSuchKey", "NoSuchVersion", "PreconditionFailed", "MethodNotAllowed"})


class S3Landing:
    """The Landing port (see runtime/files/aggregator/ports.py).

    Args:
        client: of the landing bucket.
        pool: the threads that fetch.
        max_file_bytes: a larger file is rejected, whatever the event said.
        in_memory_bytes: so much (by the events' sizes) is fetched ahead of the file that is being bundled, or one file
            if that is larger; which is then on disk.
        deadline: when fetching must be over, seconds since the epoch.
    """

    def __init__(
        self,
        client: HttpS3,
        pool: ThreadPoolExecutor,
        max_file_bytes: int,
        in_memory_bytes: int,
        deadline: float = math.inf,
    ) -> None:
        self._client = client
        self._pool = pool
        self._max_file_bytes = max_file_bytes
        self._in_memory_bytes = in_memory_bytes
        self._deadline = deadline

    def fetch(self, files: Sequence[LandedFile]) -> Generator[Fetched | NotFetched]:
        """Yield each file in the order given; see Landing.fetch.

        A file that hangs is left out after some seconds, and all that are not there at the deadline are left out then;
        no thread works on them any longer. Those that were waiting for a turn are out of time, or, if the landing
        bucket kept others from ending, unavailable like them.
        """
        waiting = deque(files)
        ahead: deque[tuple[LandedFile, Future[Fetched | NotFetched]]] = deque()
        ahead_bytes = 0
        behind = retry(Reason.OUT_OF_TIME)
        try:
            while waiting or ahead:
                while (
                    waiting
                    and time.time() < self._deadline
                    and len(ahead) < _AHEAD_FILES
                    and (not ahead or ahead_bytes + waiting[0].size <= self._in_memory_bytes)
                ):
                    file = waiting.popleft()
                    ahead.append((file, self._pool.submit(self._fetch, file)))
                    ahead_bytes += file.size
                if not ahead:
                    yield NotFetched(waiting.popleft(), behind)
                    continue
                file, future = ahead.popleft()
                ahead_bytes -= file.size
                item = self._outcome(file, future)
                if item is None:
                    item = NotFetched(file, behind)
                elif isinstance(item, NotFetched) and item.outcome.reason is Reason.LANDING_UNAVAILABLE:
                    behind = item.outcome
                yield item
        finally:
            for _, future in ahead:
                _abandon(future)

    def _outcome(self, file: LandedFile, future: Future[Fetched | NotFetched]) -> Fetched | NotFetched | None:
        """Wait for a file until the deadline; None where no thread had come to it by then."""
        try:
            return future.result(None if self._deadline == math.inf else max(self._deadline - time.time(), 0))
        except NotYetError:
            if _abandon(future):
                return None
            return NotFetched(file, retry(Reason.LANDING_UNAVAILABLE))

    def _fetch(self, file: LandedFile) -> Fetched | NotFetched:
        deadline = min(self._deadline, time.time() + _PATIENCE_SECONDS + file.size / _SLOWEST_BYTES_PER_SECOND)
        client = self._client.until(deadline)
        try:
            return attempt("get a file", lambda: self._read(client, file), deadline)
        except Unavailable:
            return NotFetched(file, retry(Reason.LANDING_UNAVAILABLE))
        except OSError:  # not the network's, which are translated: the disk is full
            return NotFetched(file, retry(Reason.UNREADABLE))

    def _read(self, client: HttpS3, file: LandedFile) -> Fetched | NotFetched:
        try:
            answer = _get(client, file)
        except ClientError as error:
            if code_of(error) in _GONE:
                return NotFetched(file, rejected(Reason.OBJECT_MISSING))
            if fault_of(error).passes:
                raise
            # One file that cannot be read (put with a key of the external party's own, under a KMS key that is not
            # ours, into Glacier, ...) must not stop the batch; and where it is our role that is wrong, the retries
            # outlast the repair. A file that is gone is among them where the role may not list the bucket: S3 then
            # says 403 for 404. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
            return NotFetched(file, retry(Reason.UNREADABLE))
        except OversizedHeaderError:
            return NotFetched(file, retry(Reason.UNREADABLE))
        with closing(answer["Body"]):
            if answer["ContentLength"] > self._max_file_bytes:
                return NotFetched(file, rejected(Reason.TOO_LARGE))
            if answer["ContentLength"] > file.size:
                # Told sizes bound what is fetched ahead and what goes into one bundle, and S3 tells them right.
                return NotFetched(file, rejected(Reason.LARGER_THAN_TOLD))
            return self._received(file, answer)

    def _received(self, file: LandedFile, answer: ObjectRead) -> Fetched:
        body: IO[bytes] = SpooledTemporaryFile(max_size=self._in_memory_bytes)  # noqa: SIM115 - whoever bundles it closes it
        digest = hashlib.sha256()
        size = 0
        try:
            for chunk in answer["Body"].iter_chunks(_CHUNK_BYTES):
                body.write(chunk)
                digest.update(chunk)
                size += len(chunk)
            body.seek(0)
        except BaseException:
            body.close()
            raise
        return Fetched(file, body, size, digest.hexdigest())


def _get(client: HttpS3, file: LandedFile) -> ObjectRead:
    if file.version_id is None:
        # Without versions the ETag is what tells the file that landed from one that was put over it since.
        return client.get_object(Bucket=file.bucket, Key=file.key, IfMatch=file.etag)
    return client.get_object(Bucket=file.bucket, Key=file.key, VersionId=file.version_id)


def _abandon(future: Future[Fetched | NotFetched]) -> bool:
    """Free a file that nobody waits for any more; whether no thread had come to it yet."""
    if future.cancel():
        return True
    future.add_done_callback(_discard)
    return False


def _discard(future: Future[Fetched | NotFetched]) -> None:
    if future.exception() is None and isinstance(fetched := future.result(), Fetched):
        fetched.body.close()
