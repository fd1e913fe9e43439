"""The likely reasons for which a message is dead, and which of them let it be discarded."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from baler.files.reason import Reason


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

    KILLS = "kills"
    """It ended the function several times, alone in its batch."""

    UNBUNDLED = "unbundled"
    """A record that can never be processed names a file that is there and in no bundle."""

    UNKNOWN = "unknown"
    """AWS did not answer: look again."""

    TRANSIENT = "transient"
    """Nothing stands in its way now: redrive it."""


LOSES_NOTHING: Final = frozenset(
    {Found.MALFORMED, Found.OTHER_BUCKET, Found.OTHER_EVENT, Found.BUNDLED, Found.OBJECT_MISSING}
)
"""Discarding such a message loses no file that the pipeline could still deliver."""

_ARGUES_FOR_KEEPING: Final = (
    Found.TRANSIENT,
    Found.UNKNOWN,
    Found.UNREADABLE,
    Found.KILLS,
    Found.UNBUNDLED,
    Found.UNKNOWN_SCHEMA,
    Found.TOO_LARGE,
    Found.LARGER_THAN_TOLD,
    Found.MALFORMED,
    Found.OTHER_EVENT,
    Found.OTHER_BUCKET,
    Found.OBJECT_MISSING,
    Found.BUNDLED,
)


def argument_for_keeping(found: Found) -> int:
    """Return how much a reason argues for keeping a message that has several: the least number counts."""
    return _ARGUES_FOR_KEEPING.index(found)
