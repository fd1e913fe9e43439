"""What stands in the way of one file, as it is now: a HEAD of the object version and a read of the claim table."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from baler.aws.faults import code_of
from baler.commands.dead_letters.aws import NoAnswerError, answered
from baler.commands.dead_letters.diagnosis import Diagnosis, FileDiagnosis
from baler.files.claims.model import BundleState
from baler.files.landed_file import LandedFile

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

    from baler.commands.dead_letters.claim_reader import ClaimReader, FileClaim
    from baler.commands.dead_letters.named_files import NamedFile

# Classes that S3 does not read from before a restore; the external party chooses the class of what it puts.
_FROZEN: Final = {"GLACIER", "DEEP_ARCHIVE"}
# A HEAD's answer has no body, so the status is the code: no such version, a delete marker, another ETag.
_GONE: Final = {
    str(status.value)
    for status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.PRECONDITION_FAILED)
}
# S3's limit for a key, in bytes of UTF-8.
_KEY_MAX: Final = 1024


class FileInspector:
    """Finds out what stands in the way of files.

    Args:
        s3: an S3 client that may read, and list, the landing bucket; without listing S3 says 403 where it means 404.
        claims: the claim table.
        landing_bucket: whose files the pipeline takes.
        max_file_bytes: the stack's limit for a file; None where it is not known, and sizes are not judged.
        clock: the time, seconds since the epoch.
    """

    def __init__(
        self,
        s3: S3Client,
        claims: ClaimReader,
        landing_bucket: str,
        max_file_bytes: int | None,
        clock: Callable[[], float],
    ) -> None:
        self.landing_bucket = landing_bucket
        self.max_file_bytes = max_file_bytes
        self._s3 = s3
        self._claims = claims
        self._clock = clock

    def check(self) -> None:
        """Raise botocore's error where the landing bucket is not there: each of its files would seem to be missing."""
        self._s3.head_bucket(Bucket=self.landing_bucket)

    def announced(self, file: LandedFile) -> FileDiagnosis:
        """Diagnose a file that a message announces as it should."""
        try:
            with answered():
                claim = self._claims.on(file, self._clock())
            diagnosis, detail = self._of_object(file) if claim is None else _of_claim(claim)
        except NoAnswerError as error:
            return FileDiagnosis(file, Diagnosis.UNKNOWN, f"could not be inspected: {error}")
        return FileDiagnosis(file, diagnosis, detail)

    def named(self, file: NamedFile) -> FileDiagnosis:
        """Diagnose a file that a message names without announcing it as it should."""
        if file.bucket not in {None, self.landing_bucket}:
            return FileDiagnosis(file, Diagnosis.OTHER_BUCKET, f"in the bucket {file.bucket}")
        if not _can_be_a_key(file.key):
            return FileDiagnosis(file, Diagnosis.OBJECT_MISSING, "no object can have this key")
        try:
            match self._head(file.key, file.version_id, ""):
                case (diagnosis, detail):
                    return FileDiagnosis(file, diagnosis, detail)
                case answer:
                    return FileDiagnosis(file, *self._of_unannounced(file, answer))
        except NoAnswerError as error:
            return FileDiagnosis(file, Diagnosis.UNKNOWN, f"could not be inspected: {error}")

    def _of_object(self, file: LandedFile) -> tuple[Diagnosis, str]:
        match self._head(file.key, file.version_id, file.etag):
            case (diagnosis, detail):
                return diagnosis, detail
            case answer:
                return self._of_answer(file, answer)

    def _of_answer(self, file: LandedFile, answer: HeadObjectOutputTypeDef) -> tuple[Diagnosis, str]:
        size = max(file.size, answer["ContentLength"])
        if self.max_file_bytes is not None and size > self.max_file_bytes:
            return Diagnosis.TOO_LARGE, f"{size} bytes, the limit is {self.max_file_bytes}"
        if answer["ContentLength"] > file.size:
            return Diagnosis.LARGER_THAN_TOLD, f"{answer['ContentLength']} bytes, the message says {file.size}"
        if answer.get("StorageClass") in _FROZEN and 'ongoing-request="false"' not in answer.get("Restore", ""):
            return Diagnosis.UNREADABLE, f"it was put in the storage class {answer.get('StorageClass')}"
        return Diagnosis.TRANSIENT, "nothing stands in its way now"

    def _of_unannounced(self, named: NamedFile, answer: HeadObjectOutputTypeDef) -> tuple[Diagnosis, str]:
        file = LandedFile(
            bucket=self.landing_bucket,
            key=named.key,
            version_id=answer.get("VersionId"),
            etag=answer.get("ETag", "").strip('"'),
            size=answer["ContentLength"],
            event_time=datetime.fromtimestamp(self._clock(), UTC),
        )
        with answered():
            claim = self._claims.on(file, self._clock())
        if claim is not None and claim.state is BundleState.COMMITTED:
            return _of_claim(claim)
        return Diagnosis.UNBUNDLED, "it is in the landing bucket, and in no bundle yet"

    def _head(self, key: str, version_id: str | None, etag: str) -> HeadObjectOutputTypeDef | tuple[Diagnosis, str]:
        """Ask for an object version, or for the current one if it still has the ETag; "" takes any."""
        try:
            with answered():
                if version_id is not None:
                    return self._s3.head_object(Bucket=self.landing_bucket, Key=key, VersionId=version_id)
                if etag:
                    return self._s3.head_object(Bucket=self.landing_bucket, Key=key, IfMatch=etag)
                return self._s3.head_object(Bucket=self.landing_bucket, Key=key)
        except ClientError as error:
            if code_of(error) in _GONE:
                return Diagnosis.OBJECT_MISSING, "this version of the object is not in the landing bucket"
            return Diagnosis.UNREADABLE, f"S3 answers a HEAD with {code_of(error)}"


def _can_be_a_key(key: str) -> bool:
    try:
        return len(key.encode()) <= _KEY_MAX
    except UnicodeEncodeError:
        return False


def _of_claim(claim: FileClaim) -> tuple[Diagnosis, str]:
    """Return what follows from a claim; a retry finishes what its owner left, whatever has become of the object."""
    match claim.state:
        case BundleState.COMMITTED:
            return Diagnosis.BUNDLED, f"in bundle {claim.bundle_id}"
        case BundleState.ARCHIVED:
            return Diagnosis.TRANSIENT, f"archived in bundle {claim.bundle_id}, not yet in the mailbox"
        case None:
            return Diagnosis.TRANSIENT, f"claimed for bundle {claim.bundle_id}, which may be archived or not"
