"""The external party: puts files when they are due, however long the files before them take.

Needs gevent and leaves it to Locust to patch the standard library.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import boto3
import gevent
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from gevent.pool import Pool

from loadtest.files import Upload, content_of, key_of
from loadtest.shapes import Phase, Shape, share_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_s3 import S3Client

# Uploads under way at once, and connections. Past it a file starts late, and the report says so.
_CONCURRENCY: Final = 256
_REPORT_SECONDS: Final = 1.0

_CLIENT: Final = Config(
    connect_timeout=10,
    read_timeout=60,
    # A retry would hide a failure, and could put a second version of a file whose first answer was lost.
    retries={"total_max_attempts": 1},
    max_pool_connections=_CONCURRENCY,
    # Processor time; the body is 2 KB, and its SHA-256 in the manifest is checked.
    request_checksum_calculation="when_required",
)


@dataclass(frozen=True, slots=True)
class Share:
    """What one process uploads.

    Attributes:
        run: the id of the run, which is in every key.
        index: which of the processes it is, from 0.
        of: how many there are.
        phases: seconds and rate of each phase of the whole load.
        region: of the landing bucket.
        bucket: the landing bucket.
    """

    run: str
    index: int
    of: int
    phases: list[list[float]]
    region: str
    bucket: str


def landing_client(region: str) -> S3Client:
    """Make the one client of a process; endpoint and credentials are boto3's own settings."""
    return boto3.client("s3", region_name=region, config=_CLIENT)


class ExternalParty:
    """Uploads one share.

    Args:
        s3: a client of landing_client().
        share: what to upload.
        on_upload: called after each upload, with its size in bytes and the error, if any, that ended it.
        report: called about once a second with what is new, as a message from a worker to the master takes it.
    """

    def __init__(
        self,
        s3: S3Client,
        share: Share,
        on_upload: Callable[[Upload, int, Exception | None], None],
        report: Callable[[dict[str, Any]], None],
    ) -> None:
        self._share = share
        self._on_upload = on_upload
        self._report = report
        self._s3 = s3
        self._uploads: list[Upload] = []
        self._under_way = Pool(_CONCURRENCY)
        self._cpu = time.process_time()
        self._stalled = 0.0

    def upload_all(self) -> None:
        """Upload every file of the share; returns when the last one is up. Killing this greenlet ends all of it."""
        reporting = gevent.spawn(self._report_regularly)  # pyright: ignore[reportUnknownVariableType]  # gevent's own stub
        shape = Shape("share", tuple(Phase(seconds, rate) for seconds, rate in self._share.phases))
        start = time.monotonic()
        done = False
        try:
            for number, due in share_of(shape.arrivals(), self._share.index, self._share.of):
                # Yields to the uploads also where it is late already.
                gevent.sleep(max(0.0, start + due - time.monotonic()))
                self._under_way.spawn(self._upload, number, due, start)  # waits where too many are under way
            self._under_way.join()
            done = True
        finally:
            self._under_way.kill()
            reporting.kill()
            self._send(done=done)

    def _upload(self, number: int, due: float, start: float) -> None:
        body = content_of(self._share.run, number)
        began = time.monotonic()
        version: str | None = None
        failure: Exception | None = None
        try:
            answer = self._s3.put_object(Bucket=self._share.bucket, Key=key_of(self._share.run, number), Body=body)
            version = answer.get("VersionId")
        except (BotoCoreError, ClientError) as error:
            failure = error
        took = time.monotonic() - began
        error = str(failure) if failure else ""
        upload = Upload(number, due, max(0.0, began - start - due), took, time.time(), version, error)
        self._uploads.append(upload)
        self._on_upload(upload, len(body), failure)

    def _report_regularly(self) -> None:
        while True:
            before = time.monotonic()
            gevent.sleep(_REPORT_SECONDS)
            self._stalled = max(self._stalled, time.monotonic() - before - _REPORT_SECONDS)
            self._send(done=False)

    def _send(self, *, done: bool) -> None:
        uploads, self._uploads = self._uploads, []
        self._report(
            {
                "index": self._share.index,
                "uploads": uploads,
                "done": done,
                "cpu_seconds": time.process_time() - self._cpu,
                "stalled_seconds": self._stalled,
                "now": time.time(),
            }
        )
