"""Writes a bundle: files stream into tar, tar into gzip, gzip into a hash and a spooled file; never all in memory."""

from __future__ import annotations

import hashlib
import io
import tarfile
from dataclasses import dataclass
from datetime import UTC, datetime
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Final, Protocol, Self

from isal import isal_zlib

from baler.files.bundle.manifest import MEMBER, Manifest, ManifestFile, timestamp
from baler.files.bundle.member_header import member_header
from baler.files.bundle.members import MemberNames

if TYPE_CHECKING:
    from types import TracebackType

    from baler.files.landed_file import LandedFile

# Level 1 of isal packs five to ten times faster than gzip -6 for a bundle about a tenth larger.
_LEVEL: Final = 1
_GZIP_WINDOW_BITS: Final = 31
# How much of a file is passed on at once.
_CHUNK_BYTES: Final = 1024 * 1024
# Two empty blocks end an archive (POSIX pax, "ustar Interchange Format").
_END_BYTES: Final = 2 * tarfile.BLOCKSIZE


@dataclass(frozen=True, slots=True)
class Bundle:
    """A finished bundle, ready to be put.

    Attributes:
        bundle_id: its id, and by it its key.
        body: the tar.gz; whoever puts it seeks to 0 first.
        size: bytes of the body.
        sha256: of the body, 64 hexadecimal digits.
        files: what is in it, in order.
        manifest: the bytes of its MANIFEST.json.
    """

    bundle_id: str
    body: IO[bytes]
    size: int
    sha256: str
    files: tuple[ManifestFile, ...]
    manifest: bytes


class BundleWriter:
    """Builds one bundle; leaving the `with` block frees its body.

    Args:
        bundle_id: the id of the bundle; it may be given another one until it is finished.
        now: its time of creation, seconds since the epoch.
        in_memory_bytes: it is in memory up to this size, and on disk past it.
    """

    def __init__(self, bundle_id: str, now: float, in_memory_bytes: int) -> None:
        self.bundle_id = bundle_id
        self._created_at = datetime.fromtimestamp(now, UTC)
        self._sink = _Sink(in_memory_bytes)
        self._names = MemberNames()
        self._files: list[ManifestFile] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sink.spool.close()

    def add(self, file: LandedFile, body: IO[bytes], size: int, sha256: str) -> None:
        """Append a file.

        Args:
            file: what landed.
            body: its bytes, read from where it stands.
            size: how many bytes those are (what was fetched decides, not what the event said).
            sha256: of those bytes, hexadecimal.
        """
        member = self._names.assign(file)
        self._append(member, body, size, int(file.event_time.timestamp()))
        self._files.append(ManifestFile(file.key, file.version_id, size, timestamp(file.event_time), sha256, member))

    def finish(self) -> Bundle:
        """Append the manifest, close the archive and return the bundle."""
        manifest = Manifest(self.bundle_id, timestamp(self._created_at), tuple(self._files)).to_bytes()
        self._append(MEMBER, io.BytesIO(manifest), len(manifest), int(self._created_at.timestamp()))
        self._sink.write(bytes(_END_BYTES))
        self._sink.finish()
        return Bundle(
            self.bundle_id,
            self._sink.spool,
            self._sink.size,
            self._sink.hash.hexdigest(),
            tuple(self._files),
            manifest,
        )

    def _append(self, name: str, body: IO[bytes], size: int, modified: int) -> None:
        """Write a member as tarfile's own stream would, but for its copies of every byte."""
        self._sink.write(member_header(name, size, modified))
        missing = size
        while missing:
            chunk = body.read(min(missing, _CHUNK_BYTES))
            if not chunk:
                raise ValueError(f"a body ends {missing} bytes before its size")
            self._sink.write(chunk)
            missing -= len(chunk)
        self._sink.write(bytes(-size % tarfile.BLOCKSIZE))


class _Compressor(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


class _Sink:
    """Where the archive goes: compresses, hashes and keeps."""

    def __init__(self, in_memory_bytes: int) -> None:
        self.spool: IO[bytes] = SpooledTemporaryFile(max_size=in_memory_bytes)  # noqa: SIM115 - the writer's block closes it
        self.hash = hashlib.sha256()
        self.size = 0
        self._compressor: _Compressor = isal_zlib.compressobj(_LEVEL, isal_zlib.DEFLATED, _GZIP_WINDOW_BITS)

    def write(self, data: bytes) -> None:
        self._keep(self._compressor.compress(data))

    def finish(self) -> None:
        self._keep(self._compressor.flush())

    def _keep(self, packed: bytes) -> None:
        if not packed:
            return  # the compressor waits for more
        self.hash.update(packed)
        self.size += len(packed)
        self.spool.write(packed)
