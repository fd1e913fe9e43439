"""A page of the register: at most an hour's bundles and what is in each.

It is three gzip members one after the other, each of JSON lines, so `zcat` shows all of it:

1. the head, one line: which page it is, the page before it, and the SHA-256 of the two other members;
2. a line for each bundle, in the order of their ids: size, hashes, how many files;
3. a line for each bundle, in the same order: its files.

The page's *seal* is the SHA-256 of the first member. The next page of the day repeats it, so whoever trusts the last
page of a day can check every other: no page can be changed or taken out without all behind it being changed. The head
and the bundles are read without the files, which are nine tenths of a page.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, cast

from baler.files.bundle.manifest import is_sha256

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FORMAT: Final = 1
_GZIP: Final = 31
_LEVEL: Final = 6
# A head has a few hundred bytes. A section is bounded by what the registrar puts into a page (registrar.py), the
# manifests' own bound and the bytes that are read, whatever it says of itself.
_HEAD_MAX: Final = 64 * 1024
_UNPACKED_MAX: Final = 512 * 1024 * 1024
_LINE_MAX: Final = 32 * 1024 * 1024
_CHUNK: Final = 256 * 1024
FIRST_READ: Final = 64 * 1024
"""Bytes that hold the head and, of an hour at the expected load, all of its bundles."""


class PageError(ValueError):
    """A page that is not one, or not the one that it says: the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class RegisteredFile:
    """A file as the register has it.

    Attributes:
        key: the exact object key.
        version_id: its version in the landing bucket, or None.
        size: bytes.
        event_time: when S3 took it: ISO 8601, UTC.
    """

    key: str
    version_id: str | None
    size: int
    event_time: str


@dataclass(frozen=True, slots=True)
class BundleRow:
    """A bundle as the register has it.

    Attributes:
        bundle_id: its id.
        bytes: of the tar.gz.
        etag: of the object in the archive.
        sha256: of the tar.gz; None where its manifest does not say it.
        files: how many it holds; None where its manifest was lost or cannot be read.
        manifest_etag: of the manifest's object; None where it was lost.
        oldest, newest: when the first and the last of its files landed: ISO 8601, UTC; None as `files`.
    """

    bundle_id: str
    bytes: int
    etag: str
    sha256: str | None
    files: int | None
    manifest_etag: str | None
    oldest: str | None
    newest: str | None


@dataclass(frozen=True, slots=True)
class PageName:
    """A page by its place and its seal."""

    day: date
    number: int
    seal: str


@dataclass(frozen=True, slots=True)
class Section:
    """The second or third member: how many bytes it has, packed, and their SHA-256."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Head:
    """What a page says of itself.

    Attributes:
        day, number: where it is.
        previous: the seal of the page before it in the day; None for the first.
        before: the last page of the nearest day before that has any, as it was when this page was written.
        first, last: the first and the last bundle.
        bundles, files, bytes: how many there are, and the bytes of the files before they were packed.
        bundle_rows, file_rows: the two other members.
    """

    day: date
    number: int
    previous: str | None
    before: PageName | None
    first: str
    last: str
    bundles: int
    files: int
    bytes: int
    bundle_rows: Section
    file_rows: Section


@dataclass(frozen=True, slots=True)
class ReadHead:
    """A head that was read.

    Attributes:
        head: what it says.
        seal: the SHA-256 of its bytes.
        size: how many bytes those are: the next member begins behind them.
    """

    head: Head
    seal: str
    size: int

    @property
    def name(self) -> PageName:
        """The page by its place and its seal."""
        return PageName(self.head.day, self.head.number, self.seal)


class PageWriter:
    """Builds a page; memory is what it holds, packed.

    Attributes:
        unpacked_bytes: of the lines of files so far.
    """

    def __init__(self) -> None:
        self.unpacked_bytes = 0
        self._rows: list[BundleRow] = []
        self._compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
        self._packed = bytearray()
        self._bytes = 0

    @property
    def bundles(self) -> int:
        """How many were added."""
        return len(self._rows)

    def add(self, row: BundleRow, files: Sequence[RegisteredFile]) -> None:
        """Add a bundle, behind those with smaller ids."""
        listed = [[file.key, file.version_id, file.size, file.event_time] for file in files]
        line = json.dumps({"bundle_id": row.bundle_id, "files": listed}, separators=(",", ":")).encode() + b"\n"
        self._packed += self._compressor.compress(line)
        self.unpacked_bytes += len(line)
        self._rows.append(row)
        self._bytes += sum(file.size for file in files)

    def finish(self, day: date, number: int, previous: str | None, before: PageName | None) -> tuple[bytes, str]:
        """Return the page and its seal; its place and what it follows are as in Head."""
        self._packed += self._compressor.flush()
        file_rows = bytes(self._packed)
        bundle_rows = _packed(
            b"".join(json.dumps(asdict(row), separators=(",", ":")).encode() + b"\n" for row in self._rows)
        )
        head = _packed(
            json.dumps(
                {
                    "format_version": _FORMAT,
                    "day": day.isoformat(),
                    "number": number,
                    "previous": previous,
                    "before": None
                    if before is None
                    else {"day": before.day.isoformat(), "number": before.number, "seal": before.seal},
                    "first": self._rows[0].bundle_id,
                    "last": self._rows[-1].bundle_id,
                    "bundles": len(self._rows),
                    "files": sum(row.files or 0 for row in self._rows),
                    "bytes": self._bytes,
                    "bundle_rows": {"bytes": len(bundle_rows), "sha256": hashlib.sha256(bundle_rows).hexdigest()},
                    "file_rows": {"bytes": len(file_rows), "sha256": hashlib.sha256(file_rows).hexdigest()},
                },
                separators=(",", ":"),
            ).encode()
            + b"\n"
        )
        return head + bundle_rows + file_rows, hashlib.sha256(head).hexdigest()


def parse_head(data: bytes, day: date, number: int) -> ReadHead:
    """Read the head from the first bytes of a page.

    Args:
        data: the bytes.
        day: where the page lies, with
        number: its own there.

    Raises:
        PageError: there is none, or it is another page's.
    """
    stream = zlib.decompressobj(wbits=_GZIP)
    try:
        line = stream.decompress(data, _HEAD_MAX)
    except zlib.error as error:
        raise PageError(f"it is not gzip: {error}") from error
    if not stream.eof:
        raise PageError("it has no whole head")
    fields = _object(line, "the head")
    version = fields.get("format_version")
    if version != _FORMAT:
        raise PageError(f"its format version is {version!r}, this program reads {_FORMAT}")
    size = len(data) - len(stream.unused_data)
    before = fields.get("before")
    head = Head(
        day=_day(fields, "the head"),
        number=_count(fields, "number", "the head"),
        previous=_hash_or_none(fields, "previous", "the head"),
        before=None if before is None else _name(before),
        first=_text(fields, "first", "the head"),
        last=_text(fields, "last", "the head"),
        bundles=_count(fields, "bundles", "the head"),
        files=_count(fields, "files", "the head"),
        bytes=_count(fields, "bytes", "the head"),
        bundle_rows=_section(fields, "bundle_rows"),
        file_rows=_section(fields, "file_rows"),
    )
    if (head.day, head.number) != (day, number):
        raise PageError(f"it is page {head.number} of {head.day}")
    return ReadHead(head, hashlib.sha256(data[:size]).hexdigest(), size)


def parse_bundles(head: Head, packed: bytes) -> list[BundleRow]:
    """Read the second member.

    Raises:
        PageError: it is not the one that the head names, or not what it should be.
    """
    _check(packed, head.bundle_rows, "bundles")
    rows = [_row(line) for line in _lines(packed, "bundles")]
    if len(rows) != head.bundles:
        raise PageError(f"its head says {head.bundles} bundles, and it has {len(rows)}")
    return rows


def parse_files(head: Head, packed: bytes) -> Iterator[tuple[str, list[RegisteredFile]]]:
    """Check the third member, and return what unpacks it: each bundle's id with its files.

    Raises:
        PageError: it is not the one that the head names; or later, not what it should be.
    """
    _check(packed, head.file_rows, "files")
    return _bundle_files(packed)


def _bundle_files(packed: bytes) -> Iterator[tuple[str, list[RegisteredFile]]]:
    for line in _lines(packed, "files"):
        fields = _object(line, "a line of files")
        listed = fields.get("files")
        if not isinstance(listed, list):
            raise PageError("a line of files has no list of them")
        yield _text(fields, "bundle_id", "a line of files"), [_file(item) for item in cast("list[Any]", listed)]


def _packed(data: bytes) -> bytes:
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    return compressor.compress(data) + compressor.flush()


def _check(packed: bytes, section: Section, what: str) -> None:
    if len(packed) != section.bytes or hashlib.sha256(packed).hexdigest() != section.sha256:
        raise PageError(f"its {what} are not those that its head names")


def _lines(packed: bytes, what: str) -> Iterator[bytes]:
    """Unpack a member piece by piece and yield its lines; memory is one line and one piece."""
    stream = zlib.decompressobj(wbits=_GZIP)
    rest, total = b"", 0
    feed = packed
    while not stream.eof:
        try:
            piece = stream.decompress(feed, _CHUNK)
        except zlib.error as error:
            raise PageError(f"its {what} are not gzip: {error}") from error
        feed = stream.unconsumed_tail
        if not piece and not feed and not stream.eof:
            raise PageError(f"the end of its {what} is missing")
        total += len(piece)
        *lines, rest = (rest + piece).split(b"\n")
        if total > _UNPACKED_MAX or len(rest) > _LINE_MAX:
            raise PageError(f"its {what} are larger than any that are written")
        yield from lines
    if rest:
        raise PageError(f"the last line of its {what} is cut")


def _row(line: bytes) -> BundleRow:
    where = "a line of bundles"
    fields = _object(line, where)
    files = fields.get("files")
    return BundleRow(
        bundle_id=_text(fields, "bundle_id", where),
        bytes=_count(fields, "bytes", where),
        etag=_text(fields, "etag", where),
        sha256=_hash_or_none(fields, "sha256", where),
        files=None if files is None else _count(fields, "files", where),
        manifest_etag=_text_or_none(fields, "manifest_etag", where),
        oldest=_text_or_none(fields, "oldest", where),
        newest=_text_or_none(fields, "newest", where),
    )


def _file(item: object) -> RegisteredFile:
    match item:
        case [str(key), str() | None as version_id, int(size), str(event_time)]:
            return RegisteredFile(key, version_id, size, event_time)
        case _:
            raise PageError("a file is not key, version, size and time")


def _name(value: object) -> PageName:
    if not isinstance(value, dict):
        raise PageError("the page before is not named as one")
    fields = cast("dict[str, Any]", value)
    where = "the page before"
    seal = _hash_or_none(fields, "seal", where)
    if seal is None:
        raise PageError(f"{where} has no seal")
    return PageName(_day(fields, where), _count(fields, "number", where), seal)


def _section(fields: dict[str, Any], name: str) -> Section:
    value = fields.get(name)
    if not isinstance(value, dict):
        raise PageError(f"the head does not say what its {name} are")
    section = cast("dict[str, Any]", value)
    sha256 = _hash_or_none(section, "sha256", name)
    if sha256 is None:
        raise PageError(f"{name} have no hash")
    return Section(_count(section, "bytes", name), sha256)


def _object(line: bytes, where: str) -> dict[str, Any]:
    try:
        fields: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise PageError(f"{where} is not JSON: {error}") from error
    if not isinstance(fields, dict):
        raise PageError(f"{where} is not a JSON object")
    return cast("dict[str, Any]", fields)


def _day(fields: dict[str, Any], where: str) -> date:
    try:
        return date.fromisoformat(_text(fields, "day", where))
    except ValueError as error:
        raise PageError(f"{where}: day is none of the calendar") from error


def _count(fields: dict[str, Any], name: str, where: str) -> int:
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise PageError(f"{where}: {name} is not a number")
    return value


def _text(fields: dict[str, Any], name: str, where: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise PageError(f"{where}: {name} is missing or not text")
    return value


def _text_or_none(fields: dict[str, Any], name: str, where: str) -> str | None:
    return None if fields.get(name) is None else _text(fields, name, where)


def _hash_or_none(fields: dict[str, Any], name: str, where: str) -> str | None:
    value = _text_or_none(fields, name, where)
    if value is not None and not is_sha256(value):
        raise PageError(f"{where}: {name} is not 64 hexadecimal digits")
    return value
