"""What is wrong with a bundle, and whether another limit or another version of this program would take it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


@dataclass(frozen=True, slots=True)
class UnpackLimits:
    """What a bundle may unpack to.

    Attributes:
        bytes: of its tar archive, headers and manifest included; the tar.gz may not be larger either.
        files: how many, the manifest aside.
    """

    bytes: int
    files: int


class Hurdle(StrEnum):
    """What this program can be made to take more of."""

    BYTES = "bytes"  # --max-unpacked-megabytes
    FILES = "files"  # --max-files
    FORMAT = "format"  # a newer version of Baler


@dataclass(frozen=True, slots=True)
class Need:
    """What it takes to read a bundle that was refused: the hurdle, and the least value with which to try again."""

    hurdle: Hurdle
    least: int


# What the ledger, SQLite, can keep; a hostile bundle may claim more, which no program will ever take.
LARGEST_NEED: Final = 2**63 - 1


class BadBundleError(Exception):
    """A bundle that is not what it says it is; the message says how."""


class BeyondReachError(BadBundleError):
    """A bundle that may be good, but exceeds a limit of this consumer or is of a newer format.

    Attributes:
        need: when to try again.
    """

    def __init__(self, message: str, hurdle: Hurdle, least: int) -> None:
        super().__init__(message)
        self.need = Need(hurdle, min(least, LARGEST_NEED))
