"""The landing bucket as the sender sees it: one verb, and what can become of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path


class LandingError(Exception):
    """The bucket refuses us: no such bucket, no credentials, no right. Someone has to set something right."""


class PutState(StrEnum):
    """What became of a put."""

    STORED = "stored"
    TAKEN = "taken"  # the key has an object already, and nothing was stored
    CHANGED = "changed"  # the bytes that were sent are not those that were read before; nothing was stored
    UNKNOWN = "unknown"  # no answer, or one that says nothing: it may be stored


@dataclass(frozen=True, slots=True)
class PutResult:
    """The answer to a put.

    Attributes:
        state: what became of it.
        version_id: of the object, where it was stored and the bucket says so.
        about: why it is unknown, as a sentence.
    """

    state: PutState
    version_id: str | None = None
    about: str = ""


class Landing(Protocol):
    """Where files are put."""

    def put(self, key: str, path: Path, sha256: str, *, replace: bool) -> PutResult:
        """Put a file.

        Args:
            key: of the object.
            path: of the file.
            sha256: of its bytes, hexadecimal; others are not stored.
            replace: also where the key has an object; a new version then.

        Raises:
            LandingError: any put would be refused.
            OSError: the file cannot be read.
        """
        ...
