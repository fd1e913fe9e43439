"""The registrar: writes into the register what is in the archive and not in the register yet.

One put makes a page, so there is nothing to die between. What the register lacks is worked out anew in each run, from
what lies in the archive: a bundle that came late, a page that was taken away and a run that died are all the same to
the next one, which adds what is missing in a page behind the last. Two runs at once want the same key, and S3 gives it
to one: the other ends.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby, islice, takewhile
from typing import TYPE_CHECKING, Final

from baler.files.bundle.fence import is_fence
from baler.files.bundle.ids import PREFIX, bundle_id_of
from baler.files.bundle.index_entry import parse_entry
from baler.files.bundle.manifest import ManifestError, is_sha256
from baler.files.register import keys
from baler.files.register.day import load_day, pages_below
from baler.files.register.page import (
    FIRST_READ,
    BundleRow,
    PageError,
    PageName,
    PageWriter,
    RegisteredFile,
    parse_head,
)
from baler.store_errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from baler.files.register.ports import ListedObject, PackedManifest, RegisterReader, RegisterStore

SETTLE_SECONDS: Final = 20 * 60
"""After the end of an hour, when its bundles are taken to be complete: a bundle's id is made when its attempt begins,
and a function runs at most 15 minutes. One that comes later all the same gets a page of its own."""

LOOK_BACK: Final = timedelta(days=2)
"""How far back a run looks for bundles that came late."""

# Lines of files in one page, unpacked: an hour of 36,000 files has 4 MB.
_PAGE_BYTES: Final = 64 * 1024 * 1024
# Seconds that must be left to begin another page: an hour's manifests take some seconds, and all that may fail is
# tried three times.
_PAGE_SECONDS: Final = 120.0
# Manifests that are asked for at once.
_BATCH: Final = 64


@dataclass(frozen=True, slots=True)
class ArchivedObject:
    """A bundle as it lies in the archive."""

    bundle_id: str
    listed: ListedObject


@dataclass(frozen=True, slots=True)
class RegistrarReport:
    """What a run did.

    Attributes:
        pages, bundles, files: written.
        open_since: all bundles that were created before are in the register; seconds since the epoch.
        stopped: why it came no further; empty where all that could be registered is.
    """

    pages: int = 0
    bundles: int = 0
    files: int = 0
    open_since: float | None = None
    stopped: str = ""


class Registrar:
    """Writes what the register lacks.

    Args:
        store: the archive bucket.
        clock: the time, seconds since the epoch.
    """

    def __init__(self, store: RegisterStore, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock

    def run(self, seconds_left: Callable[[], float], start: date | None = None) -> RegistrarReport:
        """Go over the days from the first that may lack something, and end where the present hour begins.

        Args:
            seconds_left: until the run is killed.
            start: the first day; None is the last that has pages, or as far back as LOOK_BACK, whichever is earlier.
        """
        until = self._clock() - SETTLE_SECONDS
        report = RegistrarReport()
        try:
            first = start or self._first_day(until)
            if first is None:
                return RegistrarReport(open_since=until)
            for day, archived in groupby(self._closed(first, until), lambda item: keys.day_of(item.bundle_id)):
                report = self._day(day, archived, report, seconds_left)
                if report.stopped:
                    return report
        except Unavailable as error:
            return replace(report, stopped=str(error))
        return replace(report, open_since=until)

    def _first_day(self, until: float) -> date | None:
        """Return the first day that may lack something; None where nothing was ever archived.

        Days are registered in their order, so the last that has pages is as far as earlier runs came.
        """
        look_back = (datetime.fromtimestamp(until, UTC) - LOOK_BACK).date()
        if next(pages_below(self._store, keys.PREFIX, keys.day_prefix(keys.PREFIX, look_back)), None):
            return look_back
        last = last_page(self._store, before=look_back)
        if last is not None:
            return last.day
        oldest = next(archived_bundles(self._store, date.min), None)
        return None if oldest is None else keys.day_of(oldest.bundle_id)

    def _closed(self, first: date, until: float) -> Iterator[ArchivedObject]:
        """Yield the bundles of hours that are over, from a day on."""
        open_hour = keys.hour_of(f"{datetime.fromtimestamp(until, UTC):%Y%m%dT%H}")
        for item in archived_bundles(self._store, first):
            if keys.hour_of(item.bundle_id) >= open_hour:
                return
            yield item

    def _day(
        self, day: date, archived: Iterator[ArchivedObject], report: RegistrarReport, seconds_left: Callable[[], float]
    ) -> RegistrarReport:
        register = load_day(self._store, day)
        registered = register.rows()
        number, previous = register.numbers, register.seals.get(register.numbers)
        before = last_page(self._store, day)
        missing = (item for item in archived if item.bundle_id not in registered)
        for hour, group in groupby(missing, lambda item: keys.hour_of(item.bundle_id)):
            rest = iter(group)
            while True:
                if seconds_left() < _PAGE_SECONDS:
                    return _stopped(report, hour, "out of time")
                writer, files = self._page(rest)
                if not writer.bundles:
                    break
                number += 1
                body, seal = writer.finish(day, number, previous, before)
                if not self._store.put(keys.page_key(day, number), body):
                    return _stopped(report, hour, "another run goes on")
                previous = seal
                report = RegistrarReport(report.pages + 1, report.bundles + writer.bundles, report.files + files)
        return report

    def _page(self, items: Iterator[ArchivedObject]) -> tuple[PageWriter, int]:
        """Return a page of the next bundles, and how many files it has; an empty one where there are none left."""
        writer, files = PageWriter(), 0
        while writer.unpacked_bytes < _PAGE_BYTES and (batch := list(islice(items, _BATCH))):
            manifests = self._store.manifests([item.bundle_id for item in batch])
            for item, manifest in zip(batch, manifests, strict=True):
                row, listed = _row(item, manifest)
                writer.add(row, listed)
                files += len(listed)
        return writer, files


def archived_bundles(store: RegisterReader, first: date) -> Iterator[ArchivedObject]:
    """Yield the bundles in the archive, from a day on, in the order of their ids; fences are none."""
    for item in store.listed(PREFIX, keys.day_prefix(PREFIX, first)):
        try:
            bundle_id = bundle_id_of(item.key)
            keys.day_of(bundle_id)
        except ValueError:
            continue  # put there by hand
        if not is_fence(item.bytes, item.etag):
            yield ArchivedObject(bundle_id, item)


def last_page(store: RegisterReader, before: date) -> PageName | None:
    """Return the last page of the nearest earlier day that has any; None where there is none, or it cannot be read."""
    found: tuple[date, int] | None = None
    # A day has some 25 pages: those of a month are one listing, and of all time a listing for each month and a bit.
    for days in (3, 40, None):
        after = "" if days is None or before <= date.min + timedelta(days) else _after(before - timedelta(days))
        for page in takewhile(lambda page: page[0] < before, pages_below(store, keys.PREFIX, after)):
            found = page
        if found is not None:
            break
    if found is None:
        return None
    try:
        return parse_head(store.read(keys.page_key(*found), 0, FIRST_READ) or b"", *found).name
    except PageError:
        return None


def _after(day: date) -> str:
    return keys.day_prefix(keys.PREFIX, day)


def _row(item: ArchivedObject, manifest: PackedManifest | None) -> tuple[BundleRow, list[RegisteredFile]]:
    """Return what the register says of a bundle and its files; where no manifest can be read, that it is there."""
    listed = item.listed
    bare = BundleRow(
        bundle_id=item.bundle_id,
        bytes=listed.bytes,
        etag=listed.etag,
        sha256=None,
        files=None,
        manifest_etag=None if manifest is None else manifest.etag,
        oldest=None,
        newest=None,
    )
    if manifest is None:
        return bare, []
    bare = replace(bare, sha256=manifest.sha256 if is_sha256(manifest.sha256) else None)
    try:
        files = parse_entry(manifest.packed, item.bundle_id).files
    except ManifestError:
        return bare, []
    listed_files = [RegisteredFile(file.key, file.version_id, file.size, file.event_time) for file in files]
    times = [file.event_time for file in files]
    row = replace(bare, files=len(files), oldest=min(times, default=None), newest=max(times, default=None))
    return row, listed_files


def _stopped(report: RegistrarReport, hour: str, reason: str) -> RegistrarReport:
    """Return the end of a run that came as far as an hour."""
    begins = datetime.strptime(hour, "%Y%m%dT%H").replace(tzinfo=UTC).timestamp()
    return replace(report, open_since=begins, stopped=reason)
