"""Why a message is likely to be dead: found out from the files that it announces, as they are now.

What was in its way may have passed, and a message that SQS moved does not say what it was. Nothing is downloaded.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from baler.aws.dead_letter import CALL_MAX
from baler.commands.dead_letters.diagnosis import Diagnosis, FileDiagnosis, MessageDiagnosis, argument_for_keeping
from baler.commands.dead_letters.named_files import named_files
from baler.files.landed_file import NULL_VERSION
from baler.files.notification import LandedFiles, Poison, landed_files
from baler.files.reason import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from baler.aws.dead_letter import ReceivedDeadLetter
    from baler.commands.dead_letters.file_inspector import FileInspector

# Each is asked for; a message of a megabyte, which SQS takes, could name a hundred thousand.
_NAMED_MAX: Final = 1000


class MessageInspector:
    """Finds out why messages are dead.

    Args:
        files: inspects what they announce.
    """

    def __init__(self, files: FileInspector) -> None:
        self._files = files

    def diagnose_all(
        self, letters: Sequence[ReceivedDeadLetter]
    ) -> Iterator[tuple[ReceivedDeadLetter, MessageDiagnosis]]:
        """Diagnose several messages at once, and yield them in their order."""
        with ThreadPoolExecutor(CALL_MAX) as pool:
            yield from zip(letters, pool.map(self.diagnose, letters), strict=True)

    def diagnose(self, letter: ReceivedDeadLetter) -> MessageDiagnosis:
        """Inspect what a message announces, and add what the function alone could find out."""
        diagnosed = self.diagnose_body(letter.body)
        reason = None if letter.rejection is None else letter.rejection.reason
        if diagnosed.diagnosis is not Diagnosis.TRANSIENT:
            return diagnosed
        if reason == Diagnosis.KILLS:
            return MessageDiagnosis(Diagnosis.KILLS, "it ended the function each time", diagnosed.files)
        if reason == Reason.TOO_LARGE and self._files.max_file_bytes is None:
            return MessageDiagnosis(Diagnosis.TOO_LARGE, "above the limit that the function had", diagnosed.files)
        return diagnosed

    def diagnose_body(self, body: str) -> MessageDiagnosis:
        """Inspect what a message announces or, where some of it can never be processed, names in any way."""
        try:
            announced = landed_files(body, self._files.landing_bucket)
        except Poison as poison:
            announced = LandedFiles(refused=(poison,))
        files = [self._files.announced(file) for file in announced]
        reasons = [(about.diagnosis, about.detail) for about in files]
        if announced.refused:
            named = self._diagnose_named(body, announced)
            files += named
            reasons += [(about.diagnosis, about.detail) for about in named]
            reasons += [(Diagnosis(poison.reason.value), str(poison)) for poison in announced.refused]
        if not reasons:
            return MessageDiagnosis(Diagnosis.TRANSIENT, "it announces no file")
        diagnosis, detail = min(reasons, key=lambda reason: argument_for_keeping(reason[0]))
        alike = sum(about.diagnosis is diagnosis for about in files)
        if alike and len(files) > 1:
            detail = f"{alike} of {len(files)} files"
        return MessageDiagnosis(diagnosis, detail, tuple(files))

    def _diagnose_named(self, body: str, announced: LandedFiles) -> list[FileDiagnosis]:
        """Inspect the files that a message names without announcing them as it should."""
        known = {(file.key, file.version_id) for file in announced}
        named = [
            file
            for file in named_files(body)
            if (file.key, None if file.version_id == NULL_VERSION else file.version_id) not in known
        ]
        diagnosed = [self._files.named(file) for file in named[:_NAMED_MAX]]
        unseen = f"not inspected: the message names {len(named)} files"
        return diagnosed + [FileDiagnosis(file, Diagnosis.UNBUNDLED, unseen) for file in named[_NAMED_MAX:]]
