"""The search: which archived bundle holds a file.

It goes through the catalogue (catalogue.py), and reads the manifests of the bundles that hold one: what a file's hash
is, and where in the bundle it lies, the register does not say.
"""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Final

from baler.cli.s3 import S3RefusedError
from baler.files.archive.bucket import ArchivedBundle, DamagedError, NotArchivedError
from baler.files.archive.catalogue import ArchiveState, Catalogue
from baler.files.archive.parallel import concurrently
from baler.files.archive.report import bundle_removed, entry_unreadable, search_incomplete, searching

if TYPE_CHECKING:
    from collections.abc import Callable

    from baler.cli.period import Period
    from baler.cli.report import Event
    from baler.files.archive.bucket import ArchiveBucket
    from baler.files.archive.file_filter import FileFilter
    from baler.files.bundle.manifest import ManifestFile

_TELL_SECONDS: Final = 5.0


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
        unreadable: of how many bundles it could not be known what they hold.
    """

    found: list[ArchivedFile]
    unreadable: int


def search(archive: ArchiveBucket, wanted: FileFilter, period: Period, report: Callable[[Event], None]) -> Search:
    """Find the bundles that hold files that are meant.

    A manifest whose bundle was never archived is passed over: another attempt bundled its files. One that is damaged
    or missing is reported, and the rest is searched.

    Raises:
        S3Error: the archive cannot be read.
    """
    holding: list[str] = []
    read = unreadable = found = 0
    reported = time.monotonic()
    for entry in Catalogue(archive, report).entries(period):
        read += 1
        if entry.fault:
            unreadable += 1
            report(entry_unreadable(entry.bundle_id, entry.fault))
        elif matches := sum(wanted.matches(file.key) for file in entry.files):
            found += matches
            if entry.state is ArchiveState.MISSING:
                report(bundle_removed(entry.bundle_id))
            else:
                holding.append(entry.bundle_id)
        if time.monotonic() - reported > _TELL_SECONDS:
            reported = time.monotonic()
            report(searching(read, found, entry.bundle_id))
    files: list[ArchivedFile] = []
    with closing(concurrently(partial(_held, archive, wanted, Lock()), sorted(holding))) as answers:
        for bundle_id, answer in zip(sorted(holding), answers, strict=True):
            if isinstance(answer, Exception):
                unreadable += 1
                report(entry_unreadable(bundle_id, str(answer)))
            else:
                files += answer
    if unreadable:
        report(search_incomplete(unreadable, read))
    return Search(files, unreadable)


def _held(
    archive: ArchiveBucket, wanted: FileFilter, parsing: Lock, bundle_id: str
) -> list[ArchivedFile] | DamagedError | S3RefusedError:
    """Return the files of a bundle that are meant; runs beside others of its kind."""
    try:
        manifest = archive.manifest(bundle_id, parsing)
        bundle = archive.inspect(bundle_id)
    except NotArchivedError:
        return []  # removed since it was listed
    except (DamagedError, S3RefusedError) as error:
        return error
    return [ArchivedFile(bundle, file) for file in manifest.files if wanted.matches(file.key)]
