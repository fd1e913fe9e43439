"""Unpacking a bundle into a staging folder, believing nothing of it until every byte is checked."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import tarfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from runtime.bundle.manifest import MEMBER, Manifest, ManifestError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

_CHUNK_BYTES: Final = 256 * 1024
# tarfile reads an extended header in one piece, as long as the header claims to be; honest ones hold a name.
_LONGEST_READ: Final = 1024 * 1024
# A key has at most 1024 bytes, which JSON may write as six times as many; the rest of an entry is short.
_MANIFEST_BYTES_PER_FILE: Final = 8 * 1024


class BadBundleError(Exception):
    """A bundle that is not what it says it is; the message says how."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a bundle may unpack to.

    Attributes:
        bytes: of its tar archive, headers and manifest included; the tar.gz may not be larger either.
        files: how many, the manifest aside.
    """

    bytes: int
    files: int


@dataclass(frozen=True, slots=True)
class _Staged:
    name: str
    size: int
    sha256: str


def staged_name(number: int) -> str:
    """Return the name in the staging folder of the file at this position of the manifest."""
    return f"{number:05d}"


def read_manifest(staging: Path) -> Manifest:
    """Read the manifest of a staged bundle."""
    return Manifest.parse((staging / MEMBER).read_bytes())


def manifest_sha256(staging: Path) -> str:
    """Return the hash by which a manifest is known again after it was staged, hexadecimal."""
    return hashlib.sha256((staging / MEMBER).read_bytes()).hexdigest()


def unpack(archive: Path, bundle_id: str, staging: Path, limits: Limits, checkpoint: Callable[[], None]) -> Manifest:
    """Unpack a tar.gz into files named by their position, durable on disk, each proven by the manifest.

    Args:
        archive: the tar.gz.
        bundle_id: the id that its manifest must tell.
        staging: the folder to make and fill; what an abandoned attempt left there must be gone.
        limits: what it may unpack to.
        checkpoint: called often; may raise to abandon the work.

    Raises:
        BadBundleError: anything about it is wrong.
    """
    staging.mkdir()
    with archive.open("rb") as packed, gzip.GzipFile(fileobj=packed) as stream:
        bounded = _Bounded(stream, limits.bytes)
        files = list(_stage_members(bounded, staging, limits, checkpoint))
        bounded.drain()
    if not files or files.pop().name != MEMBER:
        raise BadBundleError(f"the last member is not {MEMBER}")
    try:
        manifest = read_manifest(staging)
    except ManifestError as error:
        raise BadBundleError(str(error)) from error
    _compare(manifest, files, bundle_id)
    _sync_folder(staging)
    _sync_folder(staging.parent)
    return manifest


def _stage_members(
    stream: _Bounded, staging: Path, limits: Limits, checkpoint: Callable[[], None]
) -> Iterator[_Staged]:
    with _bad_if_unreadable():
        archive = tarfile.open(fileobj=stream, mode="r:")  # noqa: SIM115 - holds nothing but `stream`
    number = 0
    while True:
        with _bad_if_unreadable():
            member = archive.next()
        if member is None:
            return
        if member.type not in {tarfile.REGTYPE, tarfile.AREGTYPE} or member.issparse():
            raise BadBundleError(f"member {number} is not a regular file")
        is_manifest = member.name == MEMBER
        if is_manifest and member.size > limits.files * _MANIFEST_BYTES_PER_FILE:
            raise BadBundleError(f"the manifest has {member.size} bytes, too many for {limits.files} files")
        if number >= limits.files and not is_manifest:
            raise BadBundleError(f"more than {limits.files} files, the limit of this consumer (--max-files)")
        name = MEMBER if is_manifest else staged_name(number)
        stream.seek(member.offset_data)
        yield _Staged(member.name, member.size, _copy(stream, member.size, staging / name, checkpoint))
        number += 1


def _copy(source: _Bounded, size: int, target: Path, checkpoint: Callable[[], None]) -> str:
    """Write the next `size` bytes to a new file, make it durable and return its SHA-256."""
    digest = hashlib.sha256()
    try:
        sink = target.open("xb")
    except FileExistsError as error:
        raise BadBundleError(f"a second {MEMBER}") from error
    with sink:
        left = size
        while left:
            checkpoint()
            chunk = source.read(min(left, _CHUNK_BYTES))
            if not chunk:
                raise BadBundleError("it ends in the middle of a file")
            digest.update(chunk)
            sink.write(chunk)
            left -= len(chunk)
        sink.flush()
        os.fsync(sink.fileno())
    return digest.hexdigest()


def _compare(manifest: Manifest, staged: list[_Staged], bundle_id: str) -> None:
    if manifest.bundle_id != bundle_id:
        raise BadBundleError(f"the manifest is of bundle {manifest.bundle_id!r}")
    if len(manifest.files) != len(staged):
        raise BadBundleError(f"{len(staged)} files, but the manifest has {len(manifest.files)}")
    for number, (told, found) in enumerate(zip(manifest.files, staged, strict=True)):
        if told.member != found.name:
            raise BadBundleError(f"member {number} is {found.name!r}, the manifest says {told.member!r}")
        if told.size != found.size:
            raise BadBundleError(f"{told.key!r} has {found.size} bytes, the manifest says {told.size}")
        if told.sha256 != found.sha256:
            raise BadBundleError(f"{told.key!r} has SHA-256 {found.sha256}, the manifest says {told.sha256}")


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _bad_if_unreadable() -> Generator[None]:
    """Take what tarfile raises over a damaged or hostile header for what it means."""
    try:
        yield
    except (tarfile.TarError, ValueError, OverflowError, RecursionError) as error:
        raise BadBundleError(f"not a readable tar archive: {error}") from error


class _Bounded(io.RawIOBase):
    """The decompressed archive, forwards only, with an end to what it gives and to what it takes at once."""

    def __init__(self, stream: gzip.GzipFile, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self._position = 0

    def read(self, size: int = -1, /) -> bytes:
        if not 0 <= size <= _LONGEST_READ:
            raise BadBundleError(f"a header claims {size} bytes")
        try:
            piece = self._stream.read(size)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise BadBundleError(f"not a readable gzip file: {error}") from error
        self._position += len(piece)
        if self._position > self._limit:
            raise BadBundleError(
                f"it unpacks to more than {self._limit} bytes, the limit of this consumer (--max-unpacked-megabytes)"
            )
        return piece

    def tell(self) -> int:
        return self._position

    def seek(self, position: int, whence: int = io.SEEK_SET, /) -> int:
        if whence != io.SEEK_SET or position < self._position:
            raise BadBundleError("its headers lead backwards")
        while self._position < position:
            if not self.read(min(position - self._position, _CHUNK_BYTES)):
                break
        return self._position

    def drain(self) -> None:
        """Read what follows the archive, so that gzip's own checksum is checked."""
        while self.read(_CHUNK_BYTES):
            pass
