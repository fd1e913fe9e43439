"""The catalogue: what is in the archive, by the register and, where that has no page yet, by the manifests themselves.

The register (baler/files/register/) is a shortcut and never the truth: which bundles are there, a listing says. So a
bundle that came late, an hour that is not over and a page that was lost cost a read of each manifest, and no answer is
different for it. A day of 864,000 files is 9 listings and 49 reads of pages, where its manifests would be 8,640.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from heapq import merge
from itertools import groupby
from operator import itemgetter
from threading import Lock
from typing import TYPE_CHECKING, Final

from baler.cli.s3 import S3RefusedError
from baler.files.archive.bucket import DamagedError
from baler.files.archive.parallel import concurrently
from baler.files.archive.period import is_before, is_within, start_after
from baler.files.archive.report import page_not_believed
from baler.files.bundle.fence import is_fence
from baler.files.bundle.ids import PREFIX, bundle_id_of
from baler.files.register import keys as register_keys
from baler.files.register.day import PageFault, load_day, pages_below, read_files
from baler.files.register.page import PageError, RegisteredFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

    from baler.cli.period import Period
    from baler.cli.report import Event
    from baler.files.archive.bucket import ArchiveBucket
    from baler.files.bundle.manifest import Manifest
    from baler.files.register.day import Page
    from baler.files.register.page import BundleRow
    from baler.files.register.ports import ListedObject

# Pages that are read ahead while one is unpacked: an hour of 36,000 files has 2 MB.
_PAGES_AHEAD: Final = 2
_ASLEEP: Final = frozenset({"DEEP_ARCHIVE", "GLACIER"})


class ArchiveState(StrEnum):
    """Where a bundle is."""

    ARCHIVED = "archived"
    ASLEEP = "asleep"
    """In Deep Archive: it must be restored before it can be read."""

    MISSING = "missing"
    """In the register and not in the archive: somebody removed it."""

    EXCHANGED = "exchanged"
    """Other bytes are in the archive than were registered."""


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A bundle and its files.

    Attributes:
        bundle_id: its id.
        bytes: of the tar.gz.
        sha256: of the tar.gz; None where only the bundle itself says it.
        state: where it is.
        registered: the register has it.
        files: what it holds.
        fault: why that is not known; empty where it is.
    """

    bundle_id: str
    bytes: int
    sha256: str | None
    state: ArchiveState
    registered: bool
    files: Sequence[RegisteredFile]
    fault: str = ""


class Catalogue:
    """Reads the catalogue.

    Args:
        archive: the bucket.
        report: gets what is wrong with pages of the register; their bundles are in the catalogue all the same.
    """

    def __init__(self, archive: ArchiveBucket, report: Callable[[Event], None]) -> None:
        self._archive = archive
        self._store = archive.objects
        self._report = report
        self._parsing = Lock()
        self._manifests_read = 0

    def entries(self, period: Period, wanted: Callable[[BundleRow], bool] = lambda _: True) -> Iterator[CatalogueEntry]:
        """Yield the bundles that were made in a period, day by day, each once: the registered ones first.

        Memory is a day's listing, a few pages and one bundle's files.

        Args:
            period: in which they were made.
            wanted: leaves registered bundles out by what the register says of them; others are yielded in any case.

        Raises:
            S3Error: the archive cannot be read.
        """
        for day, listed in self._days(period):
            register = load_day(self._store, day, concurrently)
            for fault in register.faults:
                self._report(page_not_believed(fault))
            done: set[str] = set()
            due: list[tuple[Page, list[BundleRow]]] = []
            for page in register.pages:
                rows = [row for row in page.rows if is_within(period, row.bundle_id) and row.bundle_id not in done]
                done |= {row.bundle_id for row in rows}
                if rows := [row for row in rows if wanted(row)]:
                    due.append((page, rows))
            lost: list[BundleRow] = []
            yield from self._registered(due, listed, lost)
            yield from self._by_manifest(lost, [each for each in listed.items() if each[0] not in done], listed)

    def _days(self, period: Period) -> Iterator[tuple[date, dict[str, ListedObject]]]:
        """Yield each day that has bundles or pages, with what is listed of its bundles in the period."""
        bundles = self._listed(period)
        pages = self._page_days(period)
        for day, group in groupby(merge(bundles, pages, key=itemgetter(0)), itemgetter(0)):
            yield day, dict(found for _, found in group if found is not None)

    def _listed(self, period: Period) -> Iterator[tuple[date, tuple[str, ListedObject] | None]]:
        for item in self._store.listed(PREFIX, start_after(period, PREFIX)):
            try:
                bundle_id = bundle_id_of(item.key)
                day = register_keys.day_of(bundle_id)
            except ValueError:
                continue  # put there by hand
            if is_before(period, bundle_id):
                return
            if not is_fence(item.bytes, item.etag):
                yield day, (bundle_id, item)

    def _page_days(self, period: Period) -> Iterator[tuple[date, None]]:
        after = "" if period.start is None else register_keys.day_prefix(register_keys.PREFIX, period.start.date())
        for day, _ in pages_below(self._store, register_keys.PREFIX, after):
            if period.end is not None and day > period.end.date():
                return
            yield day, None

    def _registered(
        self,
        due: Sequence[tuple[Page, list[BundleRow]]],
        listed: Mapping[str, ListedObject],
        lost: list[BundleRow],
    ) -> Iterator[CatalogueEntry]:
        """Yield what pages have; rows whose files they do not tell go to `lost`."""
        read = concurrently(lambda item: self._files_of(item[0]), due, most=_PAGES_AHEAD)
        with closing(read) as answers:
            for (page, rows), answer in zip(due, answers, strict=True):
                if isinstance(answer, PageError):
                    self._report(page_not_believed(PageFault(page.head.day, page.head.number, str(answer))))
                    lost += rows
                    continue
                by_id = {row.bundle_id: row for row in rows}
                try:
                    for bundle_id, files in answer:
                        row = by_id.pop(bundle_id, None)
                        if row is not None and row.files is None:
                            lost.append(row)
                        elif row is not None:
                            yield _entry(row, listed.get(bundle_id), files)
                except PageError as error:
                    self._report(page_not_believed(PageFault(page.head.day, page.head.number, str(error))))
                lost += by_id.values()

    def _files_of(self, page: Page) -> Iterator[tuple[str, list[RegisteredFile]]] | PageError:
        try:
            return read_files(self._store, page)
        except PageError as error:
            return error

    def _by_manifest(
        self,
        lost: Sequence[BundleRow],
        unregistered: Sequence[tuple[str, ListedObject]],
        listed: Mapping[str, ListedObject],
    ) -> Iterator[CatalogueEntry]:
        rows = {row.bundle_id: row for row in lost}
        ids = sorted([*rows, *(bundle_id for bundle_id, _ in unregistered)])
        read = concurrently(partial(_read_manifest, self._archive, self._parsing), ids)
        with closing(read) as answers:
            for bundle_id, answer in zip(ids, answers, strict=True):
                if isinstance(answer, S3RefusedError) and not self._manifests_read:
                    raise answer  # as it will be for all of them
                self._manifests_read += 1
                files: Sequence[RegisteredFile] = ()
                fault = str(answer) if isinstance(answer, Exception) else ""
                if not isinstance(answer, Exception):
                    files = [
                        RegisteredFile(file.key, file.version_id, file.size, file.event_time) for file in answer.files
                    ]
                row, found = rows.get(bundle_id), listed.get(bundle_id)
                if row is not None:
                    yield _entry(row, found, files, fault)
                elif found is not None:
                    state = _state(found)
                    yield CatalogueEntry(
                        bundle_id, found.bytes, None, state, registered=False, files=files, fault=fault
                    )


def _read_manifest(archive: ArchiveBucket, parsing: Lock, bundle_id: str) -> Manifest | DamagedError | S3RefusedError:
    """Read a manifest, or say why it cannot be; runs beside others of its kind."""
    try:
        return archive.manifest(bundle_id, parsing)
    except (DamagedError, S3RefusedError) as error:
        return error


def _entry(
    row: BundleRow, listed: ListedObject | None, files: Sequence[RegisteredFile], fault: str = ""
) -> CatalogueEntry:
    if listed is None:
        state = ArchiveState.MISSING
    elif (listed.bytes, listed.etag) != (row.bytes, row.etag):
        state = ArchiveState.EXCHANGED
    else:
        state = _state(listed)
    return CatalogueEntry(row.bundle_id, row.bytes, row.sha256, state, registered=True, files=files, fault=fault)


def _state(listed: ListedObject) -> ArchiveState:
    return ArchiveState.ASLEEP if listed.storage_class in _ASLEEP else ArchiveState.ARCHIVED
