"""Whether the archive is what the register says: what was removed, exchanged, added or lost, bundle by bundle."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from baler.files.bundle.fence import is_fence
from baler.files.bundle.ids import INDEX_PREFIX, PREFIX, bundle_id_of, indexed_bundle_id
from baler.files.register.day import links
from baler.files.register.keys import day_prefix, page_key
from baler.files.register.page import FIRST_READ, PageError, parse_head

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

    from baler.files.register.day import DayRegister
    from baler.files.register.page import BundleRow, PageName
    from baler.files.register.ports import ListedObject, RegisterReader


class FaultKind(StrEnum):
    """What is wrong."""

    PAGE = "page"
    """A page of the register is missing, damaged or exchanged."""

    REMOVED = "removed"
    """A bundle of the register is not in the archive."""

    EXCHANGED = "exchanged"
    """A bundle in the archive is not the one that the register has."""

    NO_MANIFEST = "no-manifest"
    """A bundle has no manifest beside it: a search for its files does not find them by it."""

    MANIFEST_EXCHANGED = "manifest-exchanged"
    """A manifest is not the one that was there when the bundle was registered."""

    UNREGISTERED = "unregistered"
    """A bundle of an hour that is long over is not in the register."""

    DAMAGED = "damaged"
    """The bytes of a bundle, or of a file in it, are not those that were archived."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong.

    Attributes:
        kind: what.
        day: of the bundle or page.
        bundle_id: the bundle; None for a page.
        reason: a sentence without its full stop.
    """

    kind: FaultKind
    day: date
    bundle_id: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class DayVerification:
    """What became of a day's comparison.

    Attributes:
        day: which.
        faults: what is wrong.
        bundles: the register's rows of the bundles that are in the archive as they should be.
        pages, files: in the register.
        given_up: manifests whose bundle was never archived: another attempt bundled its files.
        pending: bundles that are too young to be in the register.
    """

    day: date
    faults: list[Fault]
    bundles: list[BundleRow]
    pages: int
    files: int
    given_up: int
    pending: int


def verify_day(store: RegisterReader, register: DayRegister, is_open: Callable[[str], bool]) -> DayVerification:
    """Compare a day's register with the bundles and manifests in the archive; memory is a day's listing.

    Args:
        store: the archive bucket.
        register: of the day.
        is_open: tells of a bundle's id whether it may well not be registered yet.
    """
    day, rows = register.day, register.rows()
    # The manifests first: a bundle is put behind its manifest, so one that is listed has its manifest in the other list
    # but for those that were archived in between.
    manifests = _listed(store, day_prefix(INDEX_PREFIX, day), indexed_bundle_id)
    objects = _listed(store, day_prefix(PREFIX, day), bundle_id_of)
    bundles = {bundle_id: listed for bundle_id, listed in objects.items() if not is_fence(listed.bytes, listed.etag)}
    faults = [
        Fault(FaultKind.PAGE, day, None, f"page {fault.number} of {day}: {fault.reason}") for fault in register.faults
    ]
    good: list[BundleRow] = []
    for bundle_id in sorted({*rows, *bundles}):
        found = _compare(rows.get(bundle_id), bundles.get(bundle_id), manifests.get(bundle_id))
        if found is None and bundle_id in rows:
            good.append(rows[bundle_id])
        elif found is not None and not (bundle_id not in rows and is_open(bundle_id)):
            faults.append(Fault(found[0], day, bundle_id, found[1]))
    return DayVerification(
        day=day,
        faults=faults,
        bundles=good,
        pages=len(register.pages),
        files=sum(row.files or 0 for row in rows.values()),
        given_up=len(manifests.keys() - bundles.keys() - rows.keys()),
        pending=sum(is_open(bundle_id) for bundle_id in bundles.keys() - rows.keys()),
    )


def verify_links(store: RegisterReader, register: DayRegister, known: Mapping[date, DayRegister]) -> Iterator[Fault]:
    """Check that the pages of earlier days which a day's pages follow are there, and are the same.

    So a day's last pages cannot be taken away, once the next day has begun.

    Args:
        store: the archive bucket.
        register: of the day.
        known: days that were loaded.
    """
    for link in sorted(links(register.pages), key=lambda name: (name.day, name.number)):
        earlier = known.get(link.day)
        seal = _seal(store, link) if earlier is None else earlier.seals.get(link.number)
        if seal != link.seal:
            how = "is missing or damaged" if seal is None else "was exchanged"
            reason = f"page {link.number} of {link.day} {how}: {register.day} follows another"
            yield Fault(FaultKind.PAGE, link.day, None, reason)


def _seal(store: RegisterReader, name: PageName) -> str | None:
    try:
        data = store.read(page_key(name.day, name.number), 0, FIRST_READ)
        return None if data is None else parse_head(data, name.day, name.number).seal
    except PageError:
        return None


def _listed(store: RegisterReader, prefix: str, id_of: Callable[[str], str]) -> dict[str, ListedObject]:
    found: dict[str, ListedObject] = {}
    for item in store.listed(prefix):
        try:
            found[id_of(item.key)] = item
        except ValueError:
            continue  # put there by hand
    return found


def _compare(
    row: BundleRow | None, bundle: ListedObject | None, manifest: ListedObject | None
) -> tuple[FaultKind, str] | None:
    """Return what is wrong with a bundle, in the order of how bad it is; None if nothing is."""
    if bundle is None:
        return FaultKind.REMOVED, "it is in the register and not in the archive"
    if row is None:
        return FaultKind.UNREGISTERED, "it is in the archive and not in the register"
    if (bundle.bytes, bundle.etag) != (row.bytes, row.etag):
        here, there = f"{bundle.bytes} bytes with ETag {bundle.etag}", f"{row.bytes} bytes with ETag {row.etag}"
        return FaultKind.EXCHANGED, f"the archive has {here}, the register {there}"
    return _compare_manifest(row, manifest)


def _compare_manifest(row: BundleRow, manifest: ListedObject | None) -> tuple[FaultKind, str] | None:
    if manifest is None:
        return FaultKind.NO_MANIFEST, "its manifest is not there"
    if row.manifest_etag is not None and manifest.etag != row.manifest_etag:
        return FaultKind.MANIFEST_EXCHANGED, "its manifest is not the one that was there when it was registered"
    if row.manifest_etag is not None and row.files is None:
        return FaultKind.MANIFEST_EXCHANGED, "its manifest could not be read when it was registered"
    return None
