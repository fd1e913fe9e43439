"""Which versions a command is about: those in the landing bucket, and those that the archive's index lists."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from baler.cli.report import stderr_reporter
from baler.commands.find.storyteller import Subject
from baler.files.archive.file_filter import FileFilter
from baler.files.archive.index import search

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baler.cli.period import Period
    from baler.commands.find.landing import LandedVersion
    from baler.files.archive.bucket import ArchiveBucket
    from baler.files.archive.index import ArchivedFile, Search


def searched(archive: ArchiveBucket, key: str, period: Period, *, as_prefix: bool) -> Search:
    """Return what the archive's index lists of a key in a period; how far it is goes to standard error.

    Raises:
        S3Error: the index cannot be read.
    """
    wanted = FileFilter.of(prefix=key) if as_prefix else FileFilter.of([key])
    return search(archive, wanted, period, stderr_reporter())


def subjects_of(landed: Sequence[LandedVersion], indexed: Sequence[ArchivedFile]) -> list[Subject]:
    """Return each version once, with the bundles that list it: those in the landing bucket, then those gone from it."""
    bundles: dict[tuple[str, str | None], list[str]] = defaultdict(list)
    for found in indexed:
        bundles[found.file.key, found.file.version_id].append(found.bundle.bundle_id)
    subjects = [
        Subject(
            each.file.key,
            each.file.version_id,
            each.file,
            each.is_current,
            tuple(bundles.pop((each.file.key, each.file.version_id), ())),
        )
        for each in landed
    ]
    return subjects + [Subject(*version, indexed=tuple(ids)) for version, ids in bundles.items()]
