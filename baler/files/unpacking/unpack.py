"""Unpacking a bundle into a staging folder, believing nothing of it until every byte is checked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from baler.files.bundle.manifest import MEMBER, Manifest, ManifestError, NewerFormatError
from baler.files.unpacking.bad_bundle import BadBundleError, BeyondReachError, Hurdle, UnpackLimits
from baler.files.unpacking.durability import durable
from baler.files.unpacking.gunzip import Gunzip
from baler.files.unpacking.tar import read_members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_CHUNK_BYTES: Final = 256 * 1024
# A key has at most 1024 bytes, which JSON may write as six times as many; the rest of an entry is short.
_MANIFEST_BYTES_PER_FILE: Final = 8 * 1024


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


def unpack(
    archive: Path, bundle_id: str, staging: Path, limits: UnpackLimits, interruption_point: Callable[[], None]
) -> Manifest:
    """Unpack a tar.gz into files named by their position, durable on disk, each proven by the manifest.

    Args:
        archive: the tar.gz.
        bundle_id: the id that its manifest must have.
        staging: the folder to make and fill; what an abandoned attempt left there must be gone.
        limits: what it may unpack to.
        interruption_point: called often; may raise to abandon the work.

    Raises:
        BadBundleError: anything about it is wrong.
        BeyondReachError: it exceeds the limits, or is of a newer format.
    """
    staging.mkdir()
    with durable(staging), archive.open("rb") as packed:
        stream = Gunzip(packed, limits.bytes, interruption_point)
        files = list(_stage_members(stream, staging, limits, interruption_point))
        stream.drain()
        if not files or files.pop().name != MEMBER:
            raise BadBundleError(f"the last member is not {MEMBER}")
        try:
            manifest = read_manifest(staging)
        except NewerFormatError as error:
            raise BeyondReachError(str(error), Hurdle.FORMAT, error.version) from error
        except ManifestError as error:
            raise BadBundleError(str(error)) from error
        _compare(manifest, files, bundle_id)
    return manifest


def _stage_members(
    stream: Gunzip, staging: Path, limits: UnpackLimits, interruption_point: Callable[[], None]
) -> Iterator[_Staged]:
    for number, member in enumerate(read_members(stream)):
        interruption_point()
        is_manifest = member.name == MEMBER
        if is_manifest and member.size > limits.files * _MANIFEST_BYTES_PER_FILE:
            raise BeyondReachError(
                f"the manifest has {member.size} bytes, too many for {limits.files} files, the limit of this consumer "
                "(--max-files)",
                Hurdle.FILES,
                -(-member.size // _MANIFEST_BYTES_PER_FILE),
            )
        if number >= limits.files and not is_manifest:
            raise BeyondReachError(
                f"more than {limits.files} files, the limit of this consumer (--max-files)",
                Hurdle.FILES,
                limits.files + 1,
            )
        name = MEMBER if is_manifest else staged_name(number)
        yield _Staged(member.name, member.size, _copy(stream, member.size, staging / name))


def _copy(source: Gunzip, size: int, target: Path) -> str:
    """Write the next `size` bytes to a new file and return its SHA-256."""
    digest = hashlib.sha256()
    try:
        sink = target.open("xb")
    except FileExistsError as error:
        raise BadBundleError(f"a second {MEMBER}") from error
    with sink:
        left = size
        while left:
            chunk = source.read(min(left, _CHUNK_BYTES))
            if not chunk:
                raise BadBundleError("it ends in the middle of a file")
            digest.update(chunk)
            sink.write(chunk)
            left -= len(chunk)
    return digest.hexdigest()


def _compare(manifest: Manifest, staged: list[_Staged], bundle_id: str) -> None:
    if manifest.bundle_id != bundle_id:
        raise BadBundleError(f"the manifest is of bundle {manifest.bundle_id!r}")
    if len(manifest.files) != len(staged):
        raise BadBundleError(f"{len(staged)} files, but the manifest has {len(manifest.files)}")
    for number, (promised, found) in enumerate(zip(manifest.files, staged, strict=True)):
        if promised.member != found.name:
            raise BadBundleError(f"member {number} is {found.name!r}, the manifest says {promised.member!r}")
        if promised.size != found.size:
            raise BadBundleError(f"{promised.key!r} has {found.size} bytes, the manifest says {promised.size}")
        if promised.sha256 != found.sha256:
            raise BadBundleError(f"{promised.key!r} has SHA-256 {found.sha256}, the manifest says {promised.sha256}")
