"""The likely reasons for which a message is dead, and which of them let it be discarded."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from baler.files.reason import Reason

if TYPE_CHECKING:
    from baler.commands.dead_letters.named_files import NamedFile
    from baler.files.landed_file import LandedFile


class Diagnosis(StrEnum):
    """Why a message is likely to be dead; where the aggregator has a word for it (Reason), the same one."""

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

    KILLS = "kills"
    """It ended the function several times, alone in its batch."""

    FOREIGN = "foreign"
    """What it announces is none that the event stream's functions, or the lake's, write."""

    LOST = "lost"
    """An object of the event stream or the lake is not there: bring a version of it back, and then redrive it."""

    UNBUNDLED = "unbundled"
    """A record that can never be processed names a file that is there and in no bundle."""

    UNKNOWN = "unknown"
    """AWS did not answer: inspect it again."""

    TRANSIENT = "transient"
    """Nothing stands in its way now: redrive it."""


LOSES_NOTHING: Final = frozenset(
    {Diagnosis.MALFORMED, Diagnosis.OTHER_BUCKET, Diagnosis.OTHER_EVENT, Diagnosis.BUNDLED, Diagnosis.OBJECT_MISSING}
)
"""Discarding such a message loses no file that the pipeline could still deliver."""

_ARGUES_FOR_KEEPING: Final = (
    Diagnosis.TRANSIENT,
    Diagnosis.UNKNOWN,
    Diagnosis.LOST,
    Diagnosis.UNREADABLE,
    Diagnosis.FOREIGN,
    Diagnosis.KILLS,
    Diagnosis.UNBUNDLED,
    Diagnosis.UNKNOWN_SCHEMA,
    Diagnosis.TOO_LARGE,
    Diagnosis.LARGER_THAN_TOLD,
    Diagnosis.MALFORMED,
    Diagnosis.OTHER_EVENT,
    Diagnosis.OTHER_BUCKET,
    Diagnosis.OBJECT_MISSING,
    Diagnosis.BUNDLED,
)


def argument_for_keeping(diagnosis: Diagnosis) -> int:
    """Return how much a reason argues for keeping a message that has several: the least number counts."""
    return _ARGUES_FOR_KEEPING.index(diagnosis)


@dataclass(frozen=True, slots=True)
class FileDiagnosis:
    """What was found out about one file, and in words for people."""

    file: LandedFile | NamedFile
    diagnosis: Diagnosis
    detail: str


@dataclass(frozen=True, slots=True)
class MessageDiagnosis:
    """What was found out about a message.

    Attributes:
        diagnosis: of its records and files, what argues most for keeping it.
        detail: in words for people.
        files: those that it announces, and those that its other records name, if only by a key.
    """

    diagnosis: Diagnosis
    detail: str
    files: tuple[FileDiagnosis, ...] = ()

    @property
    def loses_nothing(self) -> bool:
        """Whether to discard it loses no file that the pipeline could still deliver; each file counts for itself."""
        return {self.diagnosis, *(about.diagnosis for about in self.files)} <= LOSES_NOTHING
