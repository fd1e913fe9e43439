"""The index: which archived bundle holds a file.

The aggregator puts each bundle's manifest beside the bundle, as an object of its own that stays in S3 Standard: one
put a bundle, none a file, and about 95 bytes a file (81 MB for a day of 864,000 files). A search pays for that: it
reads every manifest of the period. A day of 8,640 bundles is 9 listings and 8,640 GETs: $0.004, and 8 KB a bundle.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from operations.archive.bucket import ArchivedBundle, DamagedError, NotArchivedError
from operations.archive.parallel import concurrently
from operations.archive.report import Searching, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from operations.archive.bucket import ArchiveBucket
    from operations.archive.period import Period
    from operations.consume.report import Event
    from runtime.bundle.manifest import Manifest, ManifestFile

_TELL_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Found:
    """A file in an archived bundle."""

    bundle: ArchivedBundle
    file: ManifestFile


@dataclass(frozen=True, slots=True)
class Search:
    """What a search brought.

    Attributes:
        found: every version of the files in the period, in the order of their bundles.
        unreadable: how many entries could not be read: what they list is not known.
    """

    found: list[Found]
    unreadable: int


def search(archive: ArchiveBucket, keys: Container[str], period: Period, report: Callable[[Event], None]) -> Search:
    """Find the bundles that hold files of exactly these keys.

    An entry whose bundle was never archived is passed over: another attempt bundled its files.

    Raises:
        S3Error: the index cannot be read.
    """
    entries: list[tuple[str, ManifestFile]] = []
    read = unreadable = 0
    told = time.monotonic()

    def entry(bundle_id: str) -> Manifest | Unreadable:
        try:
            return archive.manifest(bundle_id)
        except DamagedError as error:
            return Unreadable(bundle_id, str(error))

    for answer in concurrently(entry, archive.indexed_ids(period)):
        read += 1
        if isinstance(answer, Unreadable):
            unreadable += 1
            report(answer)
            continue
        entries += [(answer.bundle_id, file) for file in answer.files if file.key in keys]
        if time.monotonic() - told > _TELL_SECONDS:
            told = time.monotonic()
            report(Searching(read, len(entries), answer.bundle_id))
    return Search(_archived(archive, entries), unreadable)


def _archived(archive: ArchiveBucket, entries: list[tuple[str, ManifestFile]]) -> list[Found]:
    bundles: dict[str, ArchivedBundle] = {}
    for bundle_id in dict.fromkeys(bundle_id for bundle_id, _ in entries):
        try:
            bundles[bundle_id] = archive.look(bundle_id)
        except NotArchivedError:
            continue
    return [Found(bundles[bundle_id], file) for bundle_id, file in entries if bundle_id in bundles]
