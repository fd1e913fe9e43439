"""Why a message of the event stream or the lake is likely to be dead: by what the function said, and by its object.

The transformer's and curation's messages announce raw objects, the compactor's processed ones. Each function notes
words of its pipeline (RefusalReason), which mean the same in both where they are the same.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from baler.aws.dead_letter import CALL_MAX
from baler.aws.faults import code_of
from baler.commands.dead_letters.aws import NoAnswerError, answered
from baler.commands.dead_letters.diagnosis import Diagnosis, FileDiagnosis, MessageDiagnosis, argument_for_keeping
from baler.commands.dead_letters.named_files import NamedFile
from baler.events.announcement import Announcement, MalformedMessageError, announcements
from baler.events.refusal_reason import RefusalReason as EventRefusal
from baler.lake.refusal_reason import RefusalReason as LakeRefusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mypy_boto3_s3 import S3Client

    from baler.aws.dead_letter import ReceivedDeadLetter

_GONE: Final = frozenset({"404", "NoSuchKey"})
_FOREIGN: Final = (Diagnosis.FOREIGN, "its name or its bytes are none that the pipeline writes")
# What a function found, whether the object is there or not.
_FOUND: Final = {
    EventRefusal.FOREIGN_KEY.value: _FOREIGN,
    EventRefusal.FOREIGN_CONTENT.value: _FOREIGN,
    LakeRefusal.FOREIGN_OBJECT.value: _FOREIGN,
    LakeRefusal.UNREADABLE.value: (
        Diagnosis.UNREADABLE,
        "its source's declaration does not fit it, or is missing: correct that first",
    ),
    LakeRefusal.KILLS.value: (Diagnosis.KILLS, "runs that took it up never ended"),
}
_ARCHIVED: Final = frozenset({"GLACIER", "DEEP_ARCHIVE"})


class AnnouncedMessageInspector:
    """Finds out why messages are dead. Nothing is downloaded.

    Args:
        client: an S3 client.
        bucket: the one whose objects the messages announce.
    """

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def diagnose_all(
        self, letters: Sequence[ReceivedDeadLetter]
    ) -> Iterator[tuple[ReceivedDeadLetter, MessageDiagnosis]]:
        """Diagnose several messages at once, and yield them in their order."""
        with ThreadPoolExecutor(CALL_MAX) as pool:
            yield from zip(letters, pool.map(self.diagnose, letters), strict=True)

    def diagnose(self, letter: ReceivedDeadLetter) -> MessageDiagnosis:
        """Inspect the objects that a message announces, and take the function's word where it looked into them."""
        try:
            found = announcements(letter.body, self._bucket)
        except MalformedMessageError as error:
            return MessageDiagnosis(Diagnosis.MALFORMED, str(error))
        reason = None if letter.rejection is None else letter.rejection.reason
        files = tuple(self._object(each.key, reason) for each in found if isinstance(each, Announcement))
        reasons = [(about.diagnosis, about.detail) for about in files]
        reasons += [(Diagnosis.MALFORMED, each.reason) for each in found if not isinstance(each, Announcement)]
        if not reasons:
            return MessageDiagnosis(Diagnosis.MALFORMED, "it announces no object")
        diagnosis, detail = min(reasons, key=lambda each: argument_for_keeping(each[0]))
        return MessageDiagnosis(diagnosis, detail, files)

    def _object(self, key: str, reason: str | None) -> FileDiagnosis:
        file = NamedFile(self._bucket, key)
        if reason in _FOUND:
            return FileDiagnosis(file, *_FOUND[reason])
        try:
            storage_class = self._storage_class(key)
        except NoAnswerError as error:
            return FileDiagnosis(file, Diagnosis.UNKNOWN, str(error))
        if storage_class is None:
            return FileDiagnosis(file, Diagnosis.LOST, "it is not there: bring a version of it back first")
        if storage_class in _ARCHIVED:
            return FileDiagnosis(file, Diagnosis.UNREADABLE, "it is in Glacier: restore it first")
        return FileDiagnosis(file, Diagnosis.TRANSIENT, "it is there")

    def _storage_class(self, key: str) -> str | None:
        """Return the storage class of an object; None if there is none."""
        try:
            with answered():
                return self._client.head_object(Bucket=self._bucket, Key=key).get("StorageClass", "STANDARD")
        except ClientError as error:
            if code_of(error) in _GONE:
                return None
            raise
