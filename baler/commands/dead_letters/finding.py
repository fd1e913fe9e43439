"""Why a message is likely to be dead: found by looking at what it announces, as it is now.

What was in its way may have passed, and a message that SQS moved does not say what it was. Nothing is downloaded: a
HEAD of the object version and a read of the claim table tell enough.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from baler.aws.faults import code_of
from baler.commands.dead_letters.aws import Unanswered, answered
from baler.commands.dead_letters.found import LOSES_NOTHING, Found, argument_for_keeping
from baler.commands.dead_letters.named_files import NamedFile, named_files
from baler.commands.dead_letters.queue import CALL_MAX
from baler.files.claims.model import BundleState
from baler.files.landed_file import NULL_VERSION, LandedFile
from baler.files.notification import LandedFiles, Poison, landed_files
from baler.files.reason import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

    from baler.commands.dead_letters.claims import Claimed, Claims
    from baler.commands.dead_letters.queue import DeadLetter

# Classes that S3 does not read from before a restore; the external party chooses the class of what it puts.
_FROZEN: Final = {"GLACIER", "DEEP_ARCHIVE"}
# A HEAD's answer has no body, so the status is the code: no such version, a delete marker, another ETag.
_GONE: Final = {
    str(status.value)
    for status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.PRECONDITION_FAILED)
}


# S3's limit for a key, in bytes of UTF-8.
_KEY_MAX: Final = 1024
# Each is asked for; a message of a megabyte, which SQS takes, could name a hundred thousand.
_NAMED_MAX: Final = 1000


@dataclass(frozen=True, slots=True)
class FileFinding:
    """What was found about one file, and in words for people."""

    file: LandedFile | NamedFile
    found: Found
    detail: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about a message.

    Attributes:
        found: of its records and files, what argues most for keeping it.
        detail: in words for people.
        files: those that it announces, and those that its other records name, if only by a key.
    """

    found: Found
    detail: str
    files: tuple[FileFinding, ...] = ()

    @property
    def loses_nothing(self) -> bool:
        """Whether to discard it loses no file that the pipeline could still deliver; each file counts for itself."""
        return {self.found, *(about.found for about in self.files)} <= LOSES_NOTHING


class Look:
    """Looks at what messages announce.

    Args:
        s3: an S3 client that may read, and list, the landing bucket; without listing S3 says 403 where it means 404.
        claims: the claim table.
        landing_bucket: whose files the pipeline takes.
        max_file_bytes: the stack's limit for a file; None where it is not known, and sizes are not judged.
        clock: the time, seconds since the epoch.
    """

    def __init__(
        self, s3: S3Client, claims: Claims, landing_bucket: str, max_file_bytes: int | None, clock: Callable[[], float]
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
            yield from zip(letters, pool.map(self.of, letters), strict=True)

    def of(self, letter: DeadLetter) -> Finding:
        """Look at what a message announces, and add what the function alone could find out."""
        finding = self.at(letter.body)
        reason = None if letter.rejection is None else letter.rejection.reason
        if finding.found is not Found.TRANSIENT:
            return finding
        if reason == Found.KILLS:
            return Finding(Found.KILLS, "it ended the function each time", finding.files)
        if reason == Reason.TOO_LARGE and self._max_file_bytes is None:
            return Finding(Found.TOO_LARGE, "above the limit that the function had", finding.files)
        return finding

    def at(self, body: str) -> Finding:
        """Look at what a message announces or, where some of it can never be processed, names in any way."""
        try:
            announced = landed_files(body, self._landing_bucket)
        except Poison as poison:
            announced = LandedFiles(refused=(poison,))
        files = [self._at_file(file) for file in announced]
        reasons = [(about.found, about.detail) for about in files]
        if announced.refused:
            named = self._at_named(body, announced)
            files += named
            reasons += [(about.found, about.detail) for about in named]
            reasons += [(Found(poison.reason.value), str(poison)) for poison in announced.refused]
        if not reasons:
            return Finding(Found.TRANSIENT, "it announces no file")
        found, detail = min(reasons, key=lambda reason: argument_for_keeping(reason[0]))
        alike = sum(about.found is found for about in files)
        if alike and len(files) > 1:
            detail = f"{alike} of {len(files)} files"
        return Finding(found, detail, tuple(files))

    def _at_file(self, file: LandedFile) -> FileFinding:
        try:
            with answered():
                claimed = self._claims.on(file, self._clock())
            found, detail = self._at_object(file) if claimed is None else _at_claim(claimed)
        except Unanswered as error:
            return FileFinding(file, Found.UNKNOWN, f"could not look: {error}")
        return FileFinding(file, found, detail)

    def _at_object(self, file: LandedFile) -> tuple[Found, str]:
        match self._head(file.key, file.version_id, file.etag):
            case (found, detail):
                return found, detail
            case answer:
                return self._at_answer(file, answer)

    def _at_answer(self, file: LandedFile, answer: HeadObjectOutputTypeDef) -> tuple[Found, str]:
        size = max(file.size, answer["ContentLength"])
        if self._max_file_bytes is not None and size > self._max_file_bytes:
            return Found.TOO_LARGE, f"{size} bytes, the limit is {self._max_file_bytes}"
        if answer["ContentLength"] > file.size:
            return Found.LARGER_THAN_TOLD, f"{answer['ContentLength']} bytes, the message says {file.size}"
        if answer.get("StorageClass") in _FROZEN and 'ongoing-request="false"' not in answer.get("Restore", ""):
            return Found.UNREADABLE, f"it was put in the storage class {answer.get('StorageClass')}"
        return Found.TRANSIENT, "nothing stands in its way now"

    def _at_named(self, body: str, announced: LandedFiles) -> list[FileFinding]:
        """Look at the files that a message names without announcing them as it should."""
        known = {(file.key, file.version_id) for file in announced}
        named = [
            file
            for file in named_files(body)
            if (file.key, None if file.version_id == NULL_VERSION else file.version_id) not in known
        ]
        findings = [self._at_name(file) for file in named[:_NAMED_MAX]]
        unseen = f"not looked at: the message names {len(named)} files"
        return findings + [FileFinding(file, Found.UNBUNDLED, unseen) for file in named[_NAMED_MAX:]]

    def _at_name(self, named: NamedFile) -> FileFinding:
        if named.bucket not in {None, self._landing_bucket}:
            return FileFinding(named, Found.OTHER_BUCKET, f"in the bucket {named.bucket}")
        if not _can_be_a_key(named.key):
            return FileFinding(named, Found.OBJECT_MISSING, "no object can have this key")
        try:
            match self._head(named.key, named.version_id, ""):
                case (found, detail):
                    return FileFinding(named, found, detail)
                case answer:
                    return FileFinding(named, *self._at_unannounced(named, answer))
        except Unanswered as error:
            return FileFinding(named, Found.UNKNOWN, f"could not look: {error}")

    def _at_unannounced(self, named: NamedFile, answer: HeadObjectOutputTypeDef) -> tuple[Found, str]:
        file = LandedFile(
            bucket=self._landing_bucket,
            key=named.key,
            version_id=answer.get("VersionId"),
            etag=answer.get("ETag", "").strip('"'),
            size=answer["ContentLength"],
            event_time=datetime.fromtimestamp(self._clock(), UTC),
        )
        with answered():
            claimed = self._claims.on(file, self._clock())
        if claimed is not None and claimed.state is BundleState.COMMITTED:
            return _at_claim(claimed)
        return Found.UNBUNDLED, "it is in the landing bucket, and in no bundle yet"

    def _head(self, key: str, version_id: str | None, etag: str) -> HeadObjectOutputTypeDef | tuple[Found, str]:
        """Ask for an object version, or for the current one if it still has the ETag; "" takes any."""
        try:
            with answered():
                if version_id is not None:
                    return self._s3.head_object(Bucket=self._landing_bucket, Key=key, VersionId=version_id)
                if etag:
                    return self._s3.head_object(Bucket=self._landing_bucket, Key=key, IfMatch=etag)
                return self._s3.head_object(Bucket=self._landing_bucket, Key=key)
        except ClientError as error:
            if code_of(error) in _GONE:
                return Found.OBJECT_MISSING, "this version of the object is not in the landing bucket"
            return Found.UNREADABLE, f"S3 answers a HEAD with {code_of(error)}"


def _can_be_a_key(key: str) -> bool:
    try:
        return len(key.encode()) <= _KEY_MAX
    except UnicodeEncodeError:
        return False


def _at_claim(claimed: Claimed) -> tuple[Found, str]:
    """Tell what follows from a claim; a retry finishes what its owner left, whatever has become of the object."""
    match claimed.state:
        case BundleState.COMMITTED:
            return Found.BUNDLED, f"in bundle {claimed.bundle_id}"
        case BundleState.ARCHIVED:
            return Found.TRANSIENT, f"archived in bundle {claimed.bundle_id}, not yet in the mailbox"
        case None:
            return Found.TRANSIENT, f"claimed for bundle {claimed.bundle_id}, which may be archived or not"
