"""The register of one day as it lies in the archive, and which of its pages can be believed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from baler.files.register.keys import PREFIX, day_prefix, page_key, page_of
from baler.files.register.page import FIRST_READ, Head, PageError, parse_bundles, parse_files, parse_head

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from baler.files.register.page import BundleRow, PageName, ReadHead, RegisteredFile
    from baler.files.register.ports import RegisterReader

Item = TypeVar("Item")
Answer = TypeVar("Answer")

# Bytes of a section as it lies there, packed. Nothing that the registrar writes is larger: see its limits. A head that
# says more is not believed.
_PACKED_MAX: Final = 128 * 1024 * 1024


class Each(Protocol):
    """Calls for each of some items and gives the answers in their order, as `map` does."""

    def __call__(self, call: Callable[[Item], Answer], items: Iterable[Item], /) -> Iterable[Answer]:
        """Make the calls."""
        ...


@dataclass(frozen=True, slots=True)
class Page:
    """A page whose head and bundles were read."""

    read: ReadHead
    rows: Sequence[BundleRow]

    @property
    def head(self) -> Head:
        """What it says of itself."""
        return self.read.head


@dataclass(frozen=True, slots=True)
class PageFault:
    """What is wrong with a page, in words."""

    day: date
    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class DayRegister:
    """A day's register.

    Attributes:
        day: which.
        pages: those that can be believed, in their order.
        seals: of every page whose head could be read, by number.
        numbers: how many pages there ought to be: the highest number, or 0.
        faults: why others cannot be believed, and which are missing.
    """

    day: date
    pages: Sequence[Page]
    seals: Mapping[int, str]
    numbers: int
    faults: Sequence[PageFault]

    def rows(self) -> dict[str, BundleRow]:
        """Return its bundles by id."""
        return {row.bundle_id: row for page in self.pages for row in page.rows}


def load_day(store: RegisterReader, day: date, each: Each = map) -> DayRegister:
    """Read heads and bundles of a day's pages.

    Args:
        store: the archive bucket.
        day: which.
        each: makes the reads, in order.
    """
    found: dict[int, Page | PageError] = {}
    seals: dict[int, str] = {}
    for number, seal, page in each(partial(_load, store, day), page_numbers(store, day)):
        if page is not None:
            found[number] = page
        if seal is not None:
            seals[number] = seal
    last = max(found, default=0)
    faults = [PageFault(day, number, "it is missing") for number in range(1, last) if number not in found]
    faults += [PageFault(day, number, str(page)) for number, page in found.items() if isinstance(page, PageError)]
    believed, broken = _believed({number: page for number, page in found.items() if isinstance(page, Page)})
    faults += [PageFault(day, number, reason) for number, reason in broken]
    return DayRegister(day, believed, seals, last, sorted(faults, key=lambda fault: fault.number))


def page_numbers(store: RegisterReader, day: date) -> list[int]:
    """Return the numbers of the pages that a day has, in order."""
    return [number for _, number in pages_below(store, day_prefix(PREFIX, day))]


def pages_below(store: RegisterReader, prefix: str, after: str = "") -> Iterator[tuple[date, int]]:
    """Yield day and number of the pages below a prefix; what is none, somebody put there by hand."""
    for item in store.listed(prefix, after):
        try:
            yield page_of(item.key)
        except ValueError:
            continue


def read_files(store: RegisterReader, page: Page) -> Iterator[tuple[str, list[RegisteredFile]]]:
    """Read a page's files, and return what unpacks them: each bundle's id with its files.

    Memory is the page as it lies there, and one bundle's files.

    Raises:
        PageError: its files are not those that its head names.
    """
    head = page.head
    if head.file_rows.bytes > _PACKED_MAX:
        raise PageError(f"its files have {head.file_rows.bytes} bytes, more than any that are written")
    start = page.read.size + head.bundle_rows.bytes
    packed = store.read(page_key(head.day, head.number), start, head.file_rows.bytes)
    if packed is None:
        raise PageError("it was deleted meanwhile")
    return parse_files(head, packed)


def _load(store: RegisterReader, day: date, number: int) -> tuple[int, str | None, Page | PageError | None]:
    """Return a page, or what is wrong with it, or nothing if it is gone; and its seal, if the head can be read."""
    data = store.read(page_key(day, number), 0, FIRST_READ)
    if data is None:
        return number, None, None
    try:
        read = parse_head(data, day, number)
    except PageError as error:
        return number, None, error
    try:
        return number, read.seal, Page(read, parse_bundles(read.head, _bundle_rows(store, read, data)))
    except PageError as error:
        return number, read.seal, error


def _bundle_rows(store: RegisterReader, read: ReadHead, data: bytes) -> bytes:
    head = read.head
    end = read.size + head.bundle_rows.bytes
    if end <= len(data):
        return data[read.size : end]
    if head.bundle_rows.bytes > _PACKED_MAX:
        raise PageError(f"its bundles have {head.bundle_rows.bytes} bytes, more than any that are written")
    rest = store.read(page_key(head.day, head.number), read.size, head.bundle_rows.bytes)
    if rest is None:
        raise PageError("it was deleted meanwhile")
    return rest


def _believed(pages: Mapping[int, Page]) -> tuple[list[Page], list[tuple[int, str]]]:
    """Return the pages that no later one contradicts, and what is wrong with the others.

    A page vouches for the one before it; whether it is itself to be believed, the one behind it says.
    """
    believed: list[Page] = []
    faults: list[tuple[int, str]] = []
    for number in sorted(pages, reverse=True):
        page = pages[number]
        behind = believed[-1].head if believed else None
        if behind is not None and behind.number == number + 1 and behind.previous != page.read.seal:
            faults.append((number, f"it is not the one that page {behind.number} follows: it was exchanged"))
        else:
            believed.append(page)
    return believed[::-1], faults


def links(pages: Iterable[Page]) -> set[PageName]:
    """Return the pages of earlier days that these say they follow."""
    return {page.head.before for page in pages if page.head.before is not None}
