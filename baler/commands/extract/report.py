"""What an extraction tells, beside what every reader of the archive does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.filesize import decimal

from baler.cli.report import Event


@dataclass(frozen=True, slots=True)
class Extracted(Event):
    """A file lies in the folder, its bytes checked against the manifest; `path` is relative to the folder."""

    kind: ClassVar[str] = "file"
    style: ClassVar[str] = "green"

    key: str
    path: str
    bytes: int
    sha256: str
    version_id: str | None
    event_time: str
    bundle_id: str

    def sentence(self) -> str:
        """Return the line for people."""
        version = "" if self.version_id is None else f", version {self.version_id}"
        return f"{self.path}  {decimal(self.bytes)}, of {self.event_time}{version}"


@dataclass(frozen=True, slots=True)
class Stopped(Event):
    """The end: how many files lie in the folder, cannot be had, and are still to come."""

    kind: ClassVar[str] = "stopped"
    style: ClassVar[str] = "bold"

    files: int
    refused: int
    left: int

    def sentence(self) -> str:
        """Return the line for people."""
        told = f"{self.files} extracted, {self.refused} refused, {self.left} left"
        return f"{told}. Give the same command again for what is left" if self.left else told
