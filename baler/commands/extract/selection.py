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
    """Of each key the version of this id, or all, or else the newest; "null" is the id of files that have none."""

    version_id: str | None
    every: bool

    def choose(self, found: Sequence[ArchivedFile]) -> list[ArchivedFile]:
        """Return those that are meant, in the order of their bundles; a key's newest is what landed last."""
        if self.version_id is not None:
            chosen = [each for each in found if (each.file.version_id or NULL_VERSION) == self.version_id]
        elif self.every:
            chosen = [*found]
        else:
            by_time = sorted(found, key=lambda each: (each.file.event_time, each.bundle.bundle_id))
            chosen = [*{each.file.key: each for each in by_time}.values()]
        return sorted(chosen, key=lambda each: (each.bundle.bundle_id, each.file.event_time))
