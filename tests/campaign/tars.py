"""Archives with a fault in blocks, headers or gzip; the hash in the metadata is right, so it hides nothing."""

from __future__ import annotations

import gzip
import tarfile
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from campaign.world import World

_BLOCK: Final = tarfile.BLOCKSIZE
_CHECKSUM: Final = slice(148, 156)
NAMES: Final = (
    "/etc/cron.d/x",
    "../../outside",
    "files/../../outside",
    "files/a",
    "MANIFEST.json",
    "unsafe/x",
    "files/" + "n" * 300,
    "files/é\u0301🎈",
    "files/a\0b",
    "",
)
_TYPES: Final = b"0\0" + b"123456" + b"7" + b"xgLKSDMNVZ"


def mutated_archive(world: World) -> None:
    """Put one to three bundles of which each has one to three faults."""
    for _ in range(world.random.randrange(1, 4)):
        files = world.some_files()
        key, body = world.make_bundle(files)
        tar = gzip.decompress(body)
        for _ in range(world.random.randrange(1, 4)):
            tar = world.random.choice(_TAR_FAULTS)(tar, world.random)
        packed = gzip.compress(tar, compresslevel=1)
        if world.random.random() < 0.3:
            packed = world.random.choice(_GZIP_FAULTS)(packed, tar, world.random)
        world.put_bad(key, packed, [content for _, content in files])


def _flip(tar: bytes, random: Random) -> bytes:
    raw = bytearray(tar)
    for _ in range(random.randrange(1, 5)):
        if raw:
            raw[random.randrange(len(raw))] ^= 1 << random.randrange(8)
    return bytes(raw)


def _noise(tar: bytes, random: Random) -> bytes:
    at = random.randrange(len(tar) + 1)
    return tar[:at] + random.randbytes(random.choice([1, 511, 512, 2048])) + tar[at + random.choice([0, 512]) :]


def _truncate(tar: bytes, random: Random) -> bytes:
    return tar[: random.choice([random.randrange(len(tar) + 1), random.randrange(len(tar) // _BLOCK + 1) * _BLOCK])]


def _move_blocks(tar: bytes, random: Random) -> bytes:
    blocks = [tar[at : at + _BLOCK] for at in range(0, len(tar), _BLOCK)]
    start = random.randrange(len(blocks) + 1)
    taken = blocks[start : start + random.randrange(1, 5)]
    rest = blocks[:start] + blocks[start + len(taken) :] if random.random() < 0.5 else blocks
    at = random.randrange(len(rest) + 1)
    return b"".join(rest[:at] + taken + rest[at:])


def _edit_header(tar: bytes, random: Random) -> bytes:
    """Change a field of a header and set its checksum right again."""
    headers = [at for at in range(0, len(tar) - _BLOCK + 1, _BLOCK) if tar[at + 257 : at + 262] == b"ustar"]
    if not headers:
        return tar
    at = random.choice(headers)
    header = bytearray(tar[at : at + _BLOCK])
    match random.randrange(6):
        case 0:
            header[0:100] = random.choice(NAMES).encode()[:100].ljust(100, b"\0")
        case 1:
            header[124:136] = random.choice(
                [b"\xff" * 12, b"\x80" + random.randbytes(11), b" " * 12, b"00000001000\0", b"99999999999\0", bytes(12)]
            )
        case 2:
            header[156] = random.choice(_TYPES)
        case 3:
            header[157:257] = b"/etc/passwd".ljust(100, b"\0")
        case 4:
            header[257:265] = random.choice([b"ustar\x0000", b"ustar  \0", bytes(8)])
        case _:
            header[345:500] = random.choice([b"..", b"/", b"p" * 155]).ljust(155, b"\0")
    return tar[:at] + _sealed(header) + tar[at + _BLOCK :]


def _sealed(header: bytearray) -> bytes:
    header[_CHECKSUM] = b" " * 8
    header[_CHECKSUM] = b"%06o\0 " % sum(header)
    return bytes(header)


def _insert_member(tar: bytes, random: Random) -> bytes:
    member = tarfile.TarInfo(random.choice(NAMES))
    member.type = bytes([random.choice(_TYPES)])
    member.linkname = random.choice(["", "/etc/passwd", "../../x", "MANIFEST.json"])
    body = random.choice([b"", b"hello", _records(random), b"1" * 3000, b"n" * 5000 + b"\0"])
    member.size = len(body) if random.random() < 0.8 else random.choice([0, 1, 10**9, 8**11 - 1])
    block = member.tobuf(tarfile.GNU_FORMAT) + body + bytes(-len(body) % _BLOCK)
    at = random.randrange(len(tar) // _BLOCK + 1) * _BLOCK if random.random() < 0.5 else 0
    return tar[:at] + block * random.choice([1, 1, 1, 2, 50]) + tar[at:]


def _records(random: Random) -> bytes:
    """Return some pax records, most of them well-formed."""
    written = b""
    for _ in range(random.randrange(1, 4)):
        keyword = random.choice(
            ["path", "size", "mtime", "linkpath", "hdrcharset", "GNU.sparse.major", "GNU.sparse.map", "comment", ""]
        )
        value = random.choice(["../x", "0", "-512", "9" * 400, "nan", "BINARY", "a\0b", "files/é", "1,2,3"])
        body = f" {keyword}={value}\n".encode()
        length = len(body) + 1
        while len(str(length)) + len(body) != length:
            length = len(str(length)) + len(body)
        written += str(random.choice([length] * 6 + [0, length - 1, length + 1, 10**20])).encode() + body
    return written


def _double_manifest(tar: bytes, _random: Random) -> bytes:
    return tar.rstrip(b"\0") + bytes(_BLOCK - len(tar.rstrip(b"\0")) % _BLOCK) + tar


def _behind_the_end(tar: bytes, random: Random) -> bytes:
    return tar + random.choice([tar, bytes(10_240), b"garbage"])


_TAR_FAULTS: Final[list[Callable[[bytes, Random], bytes]]] = [
    _flip,
    _noise,
    _truncate,
    _move_blocks,
    _edit_header,
    _edit_header,
    _insert_member,
    _insert_member,
    _double_manifest,
    _behind_the_end,
]

_GZIP_FAULTS: Final[list[Callable[[bytes, bytes, Random], bytes]]] = [
    lambda packed, _tar, _random: packed + b"garbage",
    lambda packed, _tar, _random: packed + bytes(100),
    lambda packed, _tar, _random: packed + packed,
    lambda packed, _tar, random: packed[: random.randrange(len(packed) + 1)],
    lambda packed, _tar, random: _flip(packed, random),
    lambda packed, _tar, _random: gzip.compress(packed),
    lambda _packed, tar, _random: tar,
    lambda packed, _tar, _random: packed[:3] + b"\x08" + packed[4:10] + b"../../x\0" + packed[10:],
    lambda packed, _tar, _random: packed[:3] + b"\x08" + packed[4:10] + b"n" * 100_000,
    lambda _packed, _tar, _random: gzip.compress(b"") * 1000,
]
