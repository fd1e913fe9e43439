"""Bundling alone: 100 files of JSON lines in memory, ours beside `tarfile` and `tar | gzip`."""

from __future__ import annotations

import hashlib
import io
import subprocess
import tarfile
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from baler.files.bundle.ids import ENTROPY_BYTES, new_bundle_id
from baler.files.bundle.writer import BundleWriter
from baler.files.landed_file import LandedFile
from benchmarks.content import json_lines
from benchmarks.spread import Spread, in_turns

if TYPE_CHECKING:
    from collections.abc import Mapping

FILES: Final = 100
SIZES: Final = (2_000, 20_000, 200_000)
OURS: Final = "ours"
TARFILE: Final = "tarfile w:gz"
GZIP_6: Final = "tar | gzip -6"
GZIP_1: Final = "tar | gzip -1"

# More than any bundle here: memory is what is compared.
_IN_MEMORY_BYTES: Final = 96 * 1024 * 1024
_LANDED_AT: Final = datetime(2026, 11, 20, 9, 1, tzinfo=UTC)
_SHARED_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - so that `tar` reads memory, as the others do


@dataclass(frozen=True)
class Bundled:
    """How one way of bundling did with files of one size.

    Attributes:
        speed: megabytes of files per second.
        size: bytes of the bundle.
    """

    speed: Spread
    size: int


def measure(rounds: int) -> dict[int, dict[str, Bundled]]:
    """Bundle the files of each size in each way; returns by file size and by name."""
    return {size: _measure_size(size, rounds) for size in SIZES}


def _measure_size(size: int, rounds: int) -> dict[str, Bundled]:
    files = {f"in/2026/11/20/{number:05d}.jsonl": json_lines(size, number) for number in range(FILES)}
    with tempfile.TemporaryDirectory(dir=_SHARED_MEMORY if _SHARED_MEMORY.is_dir() else None) as folder:
        for key, body in files.items():
            path = Path(folder, "files", key)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
        taken = in_turns(
            {
                OURS: partial(_timed, partial(ours, files)),
                TARFILE: partial(_timed, partial(tarfile_alone, files)),
                GZIP_6: partial(_timed, partial(tar_and_gzip, Path(folder), 6)),
                GZIP_1: partial(_timed, partial(tar_and_gzip, Path(folder), 1)),
            },
            rounds,
        )
    megabytes = size * FILES / 1e6
    return {
        name: Bundled(Spread(tuple(megabytes / seconds for seconds, _ in samples)), samples[-1][1])
        for name, samples in taken.items()
    }


def ours(files: Mapping[str, bytes]) -> int:
    """Bundle as the aggregator does, each file's SHA-256 and the manifest included; return the bundle's size."""
    moment = _LANDED_AT.timestamp()
    with BundleWriter(new_bundle_id(moment, bytes(ENTROPY_BYTES)), moment, _IN_MEMORY_BYTES) as writer:
        for key, body in files.items():
            file = LandedFile("landing", key, "3HL4kqtJlcpXroDTDmJ.rmSpXd3dIbrH", "etag", len(body), _LANDED_AT)
            writer.add(file, io.BytesIO(body), len(body), hashlib.sha256(body).hexdigest())
        return writer.finish().size


def tarfile_alone(files: Mapping[str, bytes]) -> int:
    """Bundle with the standard library alone, at the level that it takes by itself (9)."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for key, body in files.items():
            member = tarfile.TarInfo(f"files/{key}")
            member.size = len(body)
            tar.addfile(member, io.BytesIO(body))
    return packed.tell()


def tar_and_gzip(folder: Path, level: int) -> int:
    """Bundle what is in a folder with the two programs, through a pipe; return the size."""
    with tempfile.TemporaryFile(dir=folder.parent) as packed:
        with subprocess.Popen(["tar", "cf", "-", "-C", str(folder), "files"], stdout=subprocess.PIPE) as tar:  # noqa: S603, S607 - our own words, the machine's own tar
            subprocess.run(["gzip", f"-{level}"], stdin=tar.stdout, stdout=packed, check=True)  # noqa: S603, S607 - as above
        if tar.returncode != 0:
            raise subprocess.CalledProcessError(tar.returncode, "tar")
        return packed.seek(0, io.SEEK_END)


def _timed(bundle: partial[int]) -> tuple[float, int]:
    start = time.perf_counter()
    size = bundle()
    return time.perf_counter() - start, size
