"""What the aggregator asks of the landing bucket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from baler.files.landed_file import LandedFile
    from runtime.files.aggregator.file_outcome import FileOutcome


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file's bytes.

    Attributes:
        file: what landed.
        body: the bytes, from the start; the receiver closes it.
        size: how many.
        sha256: of them, hexadecimal.
    """

    file: LandedFile
    body: IO[bytes]
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class NotFetched:
    """A file whose bytes could not be had, and what follows from that."""

    file: LandedFile
    outcome: FileOutcome


class Landing(Protocol):
    """Reads files, by version, from the landing bucket."""

    def fetch(self, files: Sequence[LandedFile]) -> Generator[Fetched | NotFetched]:
        """Yield each file in the order given; holds a bounded number of bytes, closing the generator ends the work."""
        ...
