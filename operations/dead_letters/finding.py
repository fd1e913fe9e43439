"""Why a message is likely to be dead: found by looking at what it announces, as it is now.

The queue does not keep why a message failed, and what it was may have passed. Nothing is downloaded: a HEAD of the
object version and a read of the claim table tell enough.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from operations.dead_letters.queue import CALL_MAX
from runtime.aggregator.notification import Poison, landed_files
from runtime.aggregator.verdict import Reason
from runtime.aws.faults import code_of, unavailable
from runtime.claims.model import BundleState
from runtime.claims.ports import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

    from operations.dead_letters.claims import Claimed, Claims
    from operations.dead_letters.queue import DeadLetter
    from runtime.files import LandedFile

# Classes that S3 does not read from before a restore; the external party chooses the class of what it puts.
_FROZEN: Final = {"GLACIER", "DEEP_ARCHIVE"}
# A HEAD's answer has no body, so the status is the code: no such version, a delete marker, another ETag.
_GONE: Final = {
    str(status.value)
    for status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.PRECONDITION_FAILED)
}


class Found(StrEnum):
    """What a look at a message finds; where the aggregator has a word for it (Reason), the same one."""

    MALFORMED = Reason.MALFORMED.value
    UNKNOWN_SCHEMA = Reason.UNKNOWN_SCHEMA.value
    OTHER_BUCKET = Reason.OTHER_BUCKET.value
    OTHER_EVENT = Reason.OTHER_EVENT.value

    BUNDLED = "bundled"
    """The file is in a bundle that was archived and put into the mailbox."""

    OBJECT_MISSING = Reason.OBJECT_MISSING.value
    TOO_LARGE = Reason.TOO_LARGE.value
    LARGER_THAN_TOLD = Reason.LARGER_THAN_TOLD.value
    UNREADABLE = Reason.UNREADABLE.value

    UNKNOWN = "unknown"
    """AWS did not answer: look again."""

    TRANSIENT = "transient"
    """Nothing stands in its way now: redrive it."""


# Of the files of one message the finding counts that argues most for keeping the message.
_ARGUES_FOR_KEEPING: Final = [
    Found.TRANSIENT,
    Found.UNKNOWN,
    Found.UNREADABLE,
    Found.TOO_LARGE,
    Found.LARGER_THAN_TOLD,
    Found.OBJECT_MISSING,
    Found.BUNDLED,
]

LOSES_NOTHING: Final = frozenset(
    {Found.MALFORMED, Found.OTHER_BUCKET, Found.OTHER_EVENT, Found.BUNDLED, Found.OBJECT_MISSING}
)
"""Discarding such a message loses no file that the pipeline could still deliver."""


@dataclass(frozen=True, slots=True)
class FileFinding:
    """What was found about one file, and in words for people."""

    file: LandedFile
    found: Found
    detail: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about a message; `files` is empty where the message cannot be read."""

    found: Found
    detail: str
    files: tuple[FileFinding, ...] = ()


class Look:
    """Looks at what messages announce.

    Args:
        s3: an S3 client that may read, and list, the landing bucket; without listing S3 says 403 where it means 404.
        claims: the claim table.
        landing_bucket: whose files the pipeline takes.
        max_file_bytes: the stack's limit for a file.
        clock: the time, seconds since the epoch.
    """

    def __init__(
        self, s3: S3Client, claims: Claims, landing_bucket: str, max_file_bytes: int, clock: Callable[[], float]
    ) -> None:
        self._s3 = s3
        self._claims = claims
        self._landing_bucket = landing_bucket
        self._max_file_bytes = max_file_bytes
        self._clock = clock

    def check(self) -> None:
        """Raise botocore's error where the landing bucket is not there: each of its files would seem to be missing."""
        self._s3.head_bucket(Bucket=self._landing_bucket)

    def over(self, letters: Sequence[DeadLetter]) -> Iterator[tuple[DeadLetter, Finding]]:
        """Look at several messages at once, and yield them in their order."""
        with ThreadPoolExecutor(CALL_MAX) as pool:
            yield from zip(letters, pool.map(self.at, [letter.body for letter in letters]), strict=True)

    def at(self, body: str) -> Finding:
        """Look at what a message announces."""
        try:
            announced = landed_files(body, self._landing_bucket)
        except Poison as poison:
            return Finding(Found(poison.reason.value), str(poison))
        files = tuple(self._at_file(file) for file in announced)
        if not files:
            return Finding(Found.TRANSIENT, "it announces no file")
        first = min(files, key=lambda finding: _ARGUES_FOR_KEEPING.index(finding.found))
        alike = sum(finding.found is first.found for finding in files)
        return Finding(first.found, first.detail if len(files) == 1 else f"{alike} of {len(files)} files", files)

    def _at_file(self, file: LandedFile) -> FileFinding:
        try:
            claimed = self._claims.on(file, self._clock())
            found, detail = self._at_object(file) if claimed is None else _at_claim(claimed)
        except Unavailable as error:
            return FileFinding(file, Found.UNKNOWN, f"could not look: {error}")
        return FileFinding(file, found, detail)

    def _at_object(self, file: LandedFile) -> tuple[Found, str]:
        try:
            with unavailable("HEAD of the object"):
                answer = self._head(file)
        except ClientError as error:
            if code_of(error) in _GONE:
                return Found.OBJECT_MISSING, "this version of the object is not in the landing bucket"
            return Found.UNREADABLE, f"S3 answers a HEAD with {code_of(error)}"
        size = max(file.size, answer["ContentLength"])
        if size > self._max_file_bytes:
            return Found.TOO_LARGE, f"{size} bytes, the limit is {self._max_file_bytes}"
        if answer["ContentLength"] > file.size:
            return Found.LARGER_THAN_TOLD, f"{answer['ContentLength']} bytes, the message says {file.size}"
        if answer.get("StorageClass") in _FROZEN and 'ongoing-request="false"' not in answer.get("Restore", ""):
            return Found.UNREADABLE, f"it was put in the storage class {answer.get('StorageClass')}"
        return Found.TRANSIENT, "nothing stands in its way now"

    def _head(self, file: LandedFile) -> HeadObjectOutputTypeDef:
        if file.version_id is None:
            return self._s3.head_object(Bucket=file.bucket, Key=file.key, IfMatch=file.etag)
        return self._s3.head_object(Bucket=file.bucket, Key=file.key, VersionId=file.version_id)


def _at_claim(claimed: Claimed) -> tuple[Found, str]:
    """Tell what follows from a claim; a retry finishes what its owner left, whatever has become of the object."""
    match claimed.state:
        case BundleState.COMMITTED:
            return Found.BUNDLED, f"in bundle {claimed.bundle_id}"
        case BundleState.ARCHIVED:
            return Found.TRANSIENT, f"archived in bundle {claimed.bundle_id}, not yet in the mailbox"
        case None:
            return Found.TRANSIENT, f"claimed for bundle {claimed.bundle_id}, which may be archived or not"
