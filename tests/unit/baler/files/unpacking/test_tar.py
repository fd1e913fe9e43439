"""Reading a tar's headers: the kinds that a bundle has, exactly; anything else is refused, soon."""

from __future__ import annotations

import gzip
import io
import tarfile
from typing import TYPE_CHECKING

import pytest
from harness.consumer import make_bundle
from hypothesis import given, settings
from hypothesis import strategies as st

from baler.files.unpacking.bad_bundle import BadBundleError
from baler.files.unpacking.gunzip import Gunzip
from baler.files.unpacking.tar import LONGEST_EXTENDED_HEADER_BYTES, Member, read_members

if TYPE_CHECKING:
    from collections.abc import Iterable

END = bytes(1024)
PLAIN_FILE = tarfile.TarInfo("files/a").tobuf(tarfile.USTAR_FORMAT)


class Counted(io.BytesIO):
    """A stream that counts what is read of it."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        self.taken += len(piece)
        return piece


def members(raw: bytes) -> list[Member]:
    stream = io.BytesIO(raw)
    found: list[Member] = []
    for member in read_members(stream):
        found.append(member)
        stream.read(member.size)
    return found


def extended(body: bytes, kind: bytes = tarfile.XHDTYPE) -> bytes:
    header = tarfile.TarInfo("././@PaxHeader")
    header.type = kind
    header.size = len(body)
    return header.tobuf(tarfile.USTAR_FORMAT) + body + bytes(-len(body) % 512)


def record(text: bytes) -> bytes:
    length = len(text) + 3
    while len(b"%d %s\n" % (length, text)) != length:
        length += 1
    return b"%d %s\n" % (length, text)


@pytest.mark.parametrize("written_as", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
@settings(max_examples=40)
@given(st.lists(st.tuples(st.text(min_size=1, max_size=200), st.integers(0, 1500)), max_size=5))
def test_whatever_tarfile_writes_reads_as_it_was_meant(written_as: int, files: list[tuple[str, int]]) -> None:
    raw = io.BytesIO()
    written: list[Member] = []
    with tarfile.open(fileobj=raw, mode="w", format=written_as, errors="surrogateescape") as archive:
        for key, size in files:
            name = "files/" + "".join(letter for letter in key if letter.isprintable()).strip("/") + "."
            member = tarfile.TarInfo(name)
            member.size = size
            try:
                archive.addfile(member, io.BytesIO(bytes(size)))
            except ValueError:
                continue  # too long a name for ustar
            written.append(Member(name, size))
    assert members(raw.getvalue()) == written


@pytest.mark.parametrize("key", ["a", "ü" * 100, "n" * 255, "d/" * 500 + "e", "日" * 85])
def test_what_the_writer_writes_is_within_the_bounds(key: str) -> None:
    _, body = make_bundle([(key, b"content")])
    assert [member.name for member in members(gzip.decompress(body))] == [f"files/{key}", "MANIFEST.json"]


def test_a_file_of_more_than_eight_gibibytes_has_its_size_in_an_extended_header_or_in_base_256() -> None:
    member = tarfile.TarInfo("files/large")
    member.size = 2**34
    for written_as in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        stream = io.BytesIO(member.tobuf(written_as))
        assert next(iter(read_members(stream))) == Member("files/large", 2**34)


REFUSED: dict[str, Iterable[bytes]] = {
    "only digits": [extended(b"1" * 5000), PLAIN_FILE, END],
    "digits in a record": [extended(record(b"comment=" + b"1" * 9000)), PLAIN_FILE, END],
    "too long": [extended(b"n" * (LONGEST_EXTENDED_HEADER_BYTES + 1)), PLAIN_FILE, END],
    "too long a name": [extended(b"n" * 100_000, tarfile.GNUTYPE_LONGNAME), PLAIN_FILE, END],
    "in a row": [extended(record(b"path=x")) * 2, PLAIN_FILE, END],
    "names in a row": [extended(b"x\0", tarfile.GNUTYPE_LONGNAME) * 2, PLAIN_FILE, END],
    "for nothing": [extended(record(b"path=x")), END],
    "for all": [extended(record(b"path=x"), tarfile.XGLTYPE), PLAIN_FILE, END],
    "long link": [extended(b"x\0", tarfile.GNUTYPE_LONGLINK), PLAIN_FILE, END],
    "sparse": [extended(record(b"GNU.sparse.map=1,2")), PLAIN_FILE, END],
    "binary": [extended(record(b"hdrcharset=BINARY")), PLAIN_FILE, END],
    "record of no length": [extended(b"0 path=x\n"), PLAIN_FILE, END],
    "record too long": [extended(b"99 path=x\n"), PLAIN_FILE, END],
    "record too short": [extended(b"5 path=x\n"), PLAIN_FILE, END],
    "record without a value": [extended(b"9 pathxx\n"), PLAIN_FILE, END],
    "record without a keyword": [extended(record(b"=x")), PLAIN_FILE, END],
    "record with a signed length": [extended(b"+9 path=x\n"), PLAIN_FILE, END],
    "negative size": [extended(record(b"size=-512")), PLAIN_FILE, END],
    "size of 5,000 digits": [extended(record(b"size=" + b"9" * 5000)), PLAIN_FILE, END],
    "size that is no number": [extended(record("size=²".encode())), PLAIN_FILE, END],
}


@pytest.mark.parametrize("pieces", REFUSED.values(), ids=REFUSED.keys())
def test_an_extended_header_that_no_bundle_has_is_refused_and_no_more_of_it_read_than_is_allowed(
    pieces: Iterable[bytes],
) -> None:
    stream = Counted(b"".join(pieces) + bytes(1_000_000))
    with pytest.raises(BadBundleError):
        list(read_members(stream))
    assert stream.taken <= LONGEST_EXTENDED_HEADER_BYTES + 3 * 512


@pytest.mark.parametrize(
    "kind", [b"1", b"2", b"3", b"4", b"5", b"6", b"7", b"g", b"K", b"S", b"D", b"M", b"N", b"V", b"Z"]
)
def test_a_member_that_is_no_regular_file_is_refused(kind: bytes) -> None:
    member = tarfile.TarInfo("files/a")
    member.type = kind
    with pytest.raises(BadBundleError, match="member 0 is not a regular file"):
        members(member.tobuf(tarfile.USTAR_FORMAT) + END)


@pytest.mark.parametrize(
    "field", [b"\xff" * 12, b"-0000000001\0", b"0000000000x\0", b"\x81" + bytes(11), b"0 0 0 0 0 0 "]
)
def test_a_size_that_is_none_is_refused(field: bytes) -> None:
    header = bytearray(PLAIN_FILE)
    header[124:136] = field
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    with pytest.raises(BadBundleError, match="a number that is none"):
        members(bytes(header) + END)


@pytest.mark.parametrize("raw", [b"", PLAIN_FILE[:300], extended(b"1" * 600)[:700], extended(record(b"path=x"))])
def test_an_archive_that_ends_in_its_headers_is_refused(raw: bytes) -> None:
    with pytest.raises(BadBundleError, match="not a readable tar archive"):
        members(raw)


def test_every_bit_of_a_header_counts() -> None:
    for at in range(500 * 8):  # what lies behind the prefix is padding, and counts in the checksum too
        raw = bytearray(PLAIN_FILE + END)
        raw[at // 8] ^= 1 << at % 8
        try:
            found = members(bytes(raw))
        except BadBundleError:
            continue
        assert found == [Member("files/a", 0)]


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(b"x") * 2,
        gzip.compress(b"x") + bytes(10),
        gzip.compress(b"x") + b"garbage",
        gzip.compress(b"x")[:-1],
        gzip.compress(b"x")[:4],
        b"",
        gzip.compress(b"")[:3] + b"\x08" + gzip.compress(b"")[4:10] + b"n" * 100_000,
    ],
    ids=["two", "zeros", "garbage", "cut", "cut header", "nothing", "endless name"],
)
def test_what_is_not_one_whole_gzip_member_is_refused(packed: bytes) -> None:
    with pytest.raises(BadBundleError, match="not a readable gzip file"):
        Gunzip(io.BytesIO(packed), 1000, lambda: None).drain()


def test_a_stop_is_heard_between_any_two_pieces() -> None:
    calls: list[int] = []

    def stop() -> None:
        calls.append(1)
        if len(calls) > 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        Gunzip(io.BytesIO(gzip.compress(bytes(10**8))), 10**9, stop).drain()
