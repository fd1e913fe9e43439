"""The headers of a tar archive, of the few kinds that a bundle is made of.

Python's tarfile reads much more, some of it in quadratic time and in one call that no signal interrupts: CVE-2024-6232,
extended headers of digits, https://www.cve.org/CVERecord?id=CVE-2024-6232. What is read here is a regular file, in the
formats ustar and GNU, with at most one extended header of pax and one long name of GNU before it, both bounded:
https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html ("pax Interchange Format", "ustar Interchange
Format") and https://www.gnu.org/software/tar/manual/html_node/Standard.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from baler.files.unpacking.bad_bundle import BadBundleError

if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK_BYTES: Final = 512
# An honest one holds a name, which has a key of at most 1024 bytes in it, and a size.
LONGEST_EXTENDED_HEADER_BYTES: Final = 8 * 1024

_NAME: Final = slice(0, 100)
_SIZE: Final = slice(124, 136)
_CHECKSUM: Final = slice(148, 156)
_TYPE: Final = slice(156, 157)
_MAGIC: Final = slice(257, 263)
_PREFIX: Final = slice(345, 500)

_USTAR_MAGIC: Final = b"ustar\0"
_GNU_MAGIC: Final = b"ustar "
_REGULAR: Final = {b"0", b"\0"}
_PAX: Final = b"x"
_GNU_LONG_NAME: Final = b"L"
# 8 GiB and more do not fit into octal digits: GNU's form of a number has the first bit set and is big-endian.
_BASE_256: Final = 0x80
_OCTAL: Final = re.compile(rb" *([0-7]*)[ \0]*")
_SIZE_RECORD: Final = re.compile(rb"[0-9]{1,19}")
_UTF_8: Final = b"ISO-IR 10646 2000 UTF-8"
_DIGITS_OF_A_RECORD: Final = len(str(LONGEST_EXTENDED_HEADER_BYTES))


class Stream(Protocol):
    """Bytes, forwards only."""

    def read(self, size: int, /) -> bytes:
        """Return that many bytes, fewer only at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Member:
    """A regular file of an archive: its name, with what is no UTF-8 in it as surrogates, and its bytes."""

    name: str
    size: int


def read_members(stream: Stream) -> Iterator[Member]:
    """Yield the members of an archive; the caller reads exactly its bytes from the stream before the next.

    What follows the end of the archive is not read.

    Raises:
        BadBundleError: it is no tar archive, is damaged, or holds something other than regular files.
    """
    number = 0
    while (member := _next_member(stream, number)) is not None:
        yield member
        _read(stream, -member.size % BLOCK_BYTES)
        number += 1


def _next_member(stream: Stream, number: int) -> Member | None:
    extended: dict[bytes, bytes] = {}
    while True:
        header = stream.read(BLOCK_BYTES)
        if not header.strip(b"\0") and len(header) in {0, BLOCK_BYTES}:
            if extended:
                raise _unreadable("nothing follows an extended header")
            if not header and number == 0:
                raise _unreadable("it is empty")
            return None
        _check(header)
        kind = header[_TYPE]
        if kind in _REGULAR:
            return _member(header, extended, number)
        if kind not in {_PAX, _GNU_LONG_NAME}:
            raise BadBundleError(f"member {number} is not a regular file")
        if kind in extended:
            raise _unreadable("two extended headers in a row")
        extended[kind] = _extended_header(stream, header)


def _check(header: bytes) -> None:
    if len(header) < BLOCK_BYTES:
        raise _unreadable("it ends in a header")
    if header[_MAGIC] not in {_USTAR_MAGIC, _GNU_MAGIC}:
        raise _unreadable("a header is neither of ustar nor of GNU tar")
    # The sum of its bytes, with blanks in place of the checksum.
    if _number(header[_CHECKSUM]) != sum(header) - sum(header[_CHECKSUM]) + 8 * ord(" "):
        raise _unreadable("a header has a wrong checksum")


def _extended_header(stream: Stream, header: bytes) -> bytes:
    size = _number(header[_SIZE])
    if size > LONGEST_EXTENDED_HEADER_BYTES:
        raise BadBundleError(f"a header claims {size} bytes")
    body = _read(stream, size)
    _read(stream, -size % BLOCK_BYTES)
    return body


def _member(header: bytes, extended: dict[bytes, bytes], number: int) -> Member:
    name = _text(header[_NAME])
    if header[_MAGIC] == _USTAR_MAGIC and (prefix := _text(header[_PREFIX])):
        name = f"{prefix}/{name}"
    size = _number(header[_SIZE])
    if _GNU_LONG_NAME in extended:
        name = _text(extended[_GNU_LONG_NAME])
    records = _records(extended.get(_PAX, b""))
    if any(keyword.startswith(b"GNU.sparse.") for keyword in records):
        raise BadBundleError(f"member {number} is not a regular file")
    if records.get(b"hdrcharset", _UTF_8) != _UTF_8:
        raise _unreadable("an extended header is not in UTF-8")
    if b"path" in records:
        name = _decoded(records[b"path"])
    if b"size" in records:
        if _SIZE_RECORD.fullmatch(records[b"size"]) is None:
            raise _unreadable("an extended header has a size that is no number")
        size = int(records[b"size"])
    if name.endswith("/"):
        raise BadBundleError(f"member {number} is not a regular file")  # in formats before ustar that was a folder
    return Member(name, size)


def _records(body: bytes) -> dict[bytes, bytes]:
    """Read the records of a pax header, each `<its own length> <keyword>=<value>` and a line end."""
    records: dict[bytes, bytes] = {}
    start = 0
    while start < len(body):
        blank = body.find(b" ", start, start + _DIGITS_OF_A_RECORD + 1)
        digits = body[start : max(blank, start)]
        end = start + int(digits) if digits.isdigit() else 0
        keyword, equals, value = body[blank + 1 : end - 1].partition(b"=")
        if not keyword or not equals or body[end - 1 : end] != b"\n":
            raise _unreadable("an extended header is ill-formed")
        records[keyword] = value
        start = end
    return records


def _number(field: bytes) -> int:
    if field[0] == _BASE_256:
        return int.from_bytes(field[1:], "big")
    octal = _OCTAL.fullmatch(field)
    if octal is None:
        raise _unreadable("a header has a number that is none")
    return int(octal[1] or b"0", 8)


def _read(stream: Stream, size: int) -> bytes:
    body = stream.read(size)
    if len(body) < size:
        raise _unreadable("it ends early")
    return body


def _text(field: bytes) -> str:
    return _decoded(field.partition(b"\0")[0])


def _decoded(name: bytes) -> str:
    return name.decode(errors="surrogateescape")


def _unreadable(why: str) -> BadBundleError:
    return BadBundleError(f"not a readable tar archive: {why}")
