"""Which versions of a file are meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from baler.files.landed_file import NULL_VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baler.files.archive.index import ArchivedFile


@dataclass(frozen=True, slots=True)
class VersionSelection:
    """The version of this id, or all of them, or else the newest; "null" is the id of files that have none."""

    version_id: str | None
    every: bool

    def choose(self, found: Sequence[ArchivedFile]) -> list[ArchivedFile]:
        """Return those that are meant, oldest first; the newest is the one that landed last."""
        by_time = sorted(found, key=lambda each: (each.file.event_time, each.bundle.bundle_id))
        if self.version_id is not None:
            return [each for each in by_time if (each.file.version_id or NULL_VERSION) == self.version_id]
        return by_time if self.every else by_time[-1:]
