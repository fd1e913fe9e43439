"""The index: which archived bundle holds a file.

The aggregator puts each bundle's manifest beside the bundle, as an object of its own that stays in S3 Standard: one
put a bundle, none a file, and about 95 bytes a file (81 MB for a day of 864,000 files). A search pays for that: it
reads every manifest of the period. A day of 8,640 bundles is 18 listings and 8,640 GETs: $0.004, and 8 KB a bundle.

Half of the listings are of the bundles themselves. The aggregator puts the entry first, so a bundle without an entry
has lost it, and a search that did not know would pass for complete.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from heapq import merge
from itertools import groupby
from operator import itemgetter
from threading import Lock
from typing import TYPE_CHECKING, Final

from baler.cli.s3 import S3GoneError, S3RefusedError
from baler.files.archive.bucket import ArchivedBundle, DamagedError, NotArchivedError
from baler.files.archive.parallel import concurrently
from baler.files.archive.report import entry_unreadable, search_incomplete, searching

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator

    from baler.cli.period import Period
    from baler.cli.report import Event
    from baler.files.archive.bucket import ArchiveBucket
    from baler.files.bundle.manifest import ManifestFile

_TELL_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class _Listed:
    bundle_id: str
    indexed: bool


@dataclass(frozen=True, slots=True)
class ArchivedFile:
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

    found: list[ArchivedFile]
    unreadable: int


def search(archive: ArchiveBucket, keys: Container[str], period: Period, report: Callable[[Event], None]) -> Search:
    """Find the bundles that hold files of exactly these keys.

    An entry whose bundle was never archived is passed over: another attempt bundled its files. One that is damaged or
    missing is reported, and the rest is searched.

    Raises:
        S3Error: the index cannot be read.
    """
    found: list[tuple[str, ManifestFile]] = []
    read = unreadable = 0
    reported = time.monotonic()
    parsing = Lock()
    for listed, answer in concurrently(partial(_searched, archive, keys, parsing), _listed(archive, period)):
        if isinstance(answer, S3RefusedError) and not read:
            raise answer  # as it will be for all of them
        read += 1
        if isinstance(answer, Exception):
            unreadable += 1
            report(entry_unreadable(listed.bundle_id, str(answer)))
            continue
        found += [(listed.bundle_id, file) for file in answer]
        if time.monotonic() - reported > _TELL_SECONDS:
            reported = time.monotonic()
            report(searching(read, len(found), listed.bundle_id))
    if unreadable:
        report(search_incomplete(unreadable, read))
    return Search(_archived(archive, found), unreadable)


def _searched(
    archive: ArchiveBucket, keys: Container[str], parsing: Lock, listed: _Listed
) -> tuple[_Listed, list[ManifestFile] | DamagedError | S3RefusedError]:
    """Return the files of a bundle that are searched for, or why that cannot be known; runs beside others of its kind.

    Args:
        archive: where the index is.
        keys: of the files.
        parsing: held while an entry is unpacked.
        listed: the bundle.
    """
    try:
        # Where only the bundle was listed, its entry is asked for even so: both may have come between the listings.
        manifest = archive.manifest(listed.bundle_id, parsing)
    except (DamagedError, S3RefusedError) as error:
        return listed, error
    except S3GoneError:
        how = "was deleted meanwhile" if listed.indexed else "is missing"
        return listed, DamagedError(f"the index entry of {listed.bundle_id} {how}")
    return listed, [file for file in manifest.files if file.key in keys]


def _listed(archive: ArchiveBucket, period: Period) -> Iterator[_Listed]:
    """Yield the bundles that have an entry in the index, or ought to have one, oldest first."""
    entries = ((bundle_id, True) for bundle_id in archive.indexed_ids(period))
    bundles = ((bundle_id, False) for bundle_id in archive.bundle_ids(period))
    for bundle_id, group in groupby(merge(entries, bundles, key=itemgetter(0)), key=itemgetter(0)):
        yield _Listed(bundle_id, any(indexed for _, indexed in group))


def _archived(archive: ArchiveBucket, entries: list[tuple[str, ManifestFile]]) -> list[ArchivedFile]:
    bundles: dict[str, ArchivedBundle] = {}
    for bundle_id in dict.fromkeys(bundle_id for bundle_id, _ in entries):
        try:
            bundles[bundle_id] = archive.inspect(bundle_id)
        except NotArchivedError:
            continue
    return [ArchivedFile(bundles[bundle_id], file) for bundle_id, file in entries if bundle_id in bundles]
