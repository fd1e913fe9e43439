"""What can be asked for: bundles by id, files by key or pattern, or a period."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from baler.commands.replay.report import file_found
from baler.files.archive.index import search
from baler.files.archive.report import refused
from baler.files.bundle.ids import bundle_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from baler.cli.period import Period
    from baler.cli.report import Event
    from baler.files.archive.bucket import ArchiveBucket
    from baler.files.archive.file_filter import FileFilter


class SelectionError(ValueError):
    """Nothing that can be asked for; the message says why."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What was asked for.

    Attributes:
        ids: of bundles; or else
        files: of which every bundle that holds one is meant, if any are named; or else every bundle of
        period: which also narrows the search for files.
        most: so many bundles and no more; None is no bound.
    """

    ids: Sequence[str]
    files: FileFilter
    period: Period
    most: int | None

    def __post_init__(self) -> None:
        bounded = self.period.start is not None or self.period.end is not None
        if self.ids and (not self.files.is_all or bounded):
            raise SelectionError("Name either bundles, or files or a period.")
        if not self.ids and self.files.is_all and self.period.start is None:
            raise SelectionError("Name bundles, or --key or --pattern, or a period that begins (--from).")
        for bundle_id in self.ids:
            try:
                bundle_key(bundle_id)
            except ValueError as error:
                raise SelectionError(f"{bundle_id!r} is not a bundle id.") from error

    def bundles(self, archive: ArchiveBucket, report: Callable[[Event], None]) -> tuple[list[str], bool]:
        """Find the bundles.

        Returns:
            Their ids, oldest first, and whether that is all: every key was found, every index entry could be read.

        Raises:
            SelectionError: more than were allowed.
            S3Error: the archive cannot be read.
        """
        complete = True
        if self.ids:
            found = sorted(set(self.ids))
        elif not self.files.is_all:
            found, complete = self._with_files(archive, report)
        else:
            found = list(islice(archive.bundle_ids(self.period), None if self.most is None else self.most + 1))
            if not found:
                complete = False
                report(refused("No bundle was archived in that time."))
        if self.most is not None and len(found) > self.most:
            raise SelectionError(
                f"More than {self.most} bundles: look at what that would cost with --dry-run, then narrow it or allow "
                "more with --max-bundles."
            )
        return found, complete

    def _with_files(self, archive: ArchiveBucket, report: Callable[[Event], None]) -> tuple[list[str], bool]:
        result = search(archive, self.files, self.period, report)
        for found in result.found:
            report(file_found(found))
        missing = self.files.keys - {found.file.key for found in result.found}
        for key in sorted(missing):
            report(refused(f"No archived bundle of that time holds {key!r}."))
        if not result.found and not missing:
            report(refused(f"No archived bundle of that time holds {self.files}."))
        ids = dict.fromkeys(found.bundle.bundle_id for found in result.found)
        return list(ids), bool(ids) and not missing and not result.unreadable
