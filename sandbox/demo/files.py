"""The files that the demo sends: a folder of the user's, or generated device readings."""

from __future__ import annotations

import hashlib
import json
import os
import random
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Iterator

# S3's limit for a key, in bytes of UTF-8.
_KEY_MAX: Final = 1024
# The same readings every time, so that two runs can be compared.
_SEED: Final = 20261120
_EMPTY_EVERY: Final = 97
_OK_SHARE: Final = 0.99
_READING: Final = "2026-11-20T09:{minute:02d}:{second:02d}Z"


@dataclass(frozen=True)
class SourceFile:
    """A file to send.

    Attributes:
        key: the object key: the path below its folder.
        path: where it is.
        size: bytes.
        sha256: of them, hexadecimal.
    """

    key: str
    path: Path
    size: int
    sha256: str


def files_below(folder: Path, max_bytes: int) -> list[SourceFile]:
    """Return every regular file below a folder, sorted by key. Links and special files are not followed.

    Args:
        folder: where to look.
        max_bytes: what the stack accepts for one file.

    Raises:
        SandboxError: no such folder, nothing in it, or a file that S3 or the stack does not take.
    """
    if not folder.is_dir():
        raise SandboxError(f"There is no folder {folder}: FILES= takes the folder whose files are to be sent.")
    files = [_source(folder, path, max_bytes) for path in _regular_files(folder)]
    if not files:
        raise SandboxError(f"There is no regular file below {folder}: FILES= takes a folder with files to send.")
    return sorted(files, key=lambda file: file.key)


def device_readings(folder: Path, count: int) -> list[SourceFile]:
    """Write `count` files of JSON lines as devices send them, from empty to about 200 KB, most of them small."""
    dice = random.Random(_SEED)  # noqa: S311 - readings, not secrets
    for number in range(count):
        device = f"device-{dice.randrange(40):02d}"
        path = folder / "2026" / "11" / "20" / device / f"reading-{number:05d}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = 0 if number % _EMPTY_EVERY == 0 else int(min(dice.lognormvariate(2.6, 1.3), 2000))
        path.write_text("".join(_line(device, dice) for _ in range(lines)), encoding="utf-8")
    return files_below(folder, max_bytes=1 << 30)


def _line(device: str, dice: random.Random) -> str:
    reading = {
        "device": device,
        "at": _READING.format(minute=dice.randrange(60), second=dice.randrange(60)),
        "celsius": round(dice.gauss(21, 4), 2),
        "humidity": round(dice.uniform(20, 90), 1),
        "ok": dice.random() < _OK_SHARE,
    }
    return json.dumps(reading) + "\n"


def _regular_files(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            if stat.S_ISREG(path.lstat().st_mode):
                yield path


def _source(folder: Path, path: Path, max_bytes: int) -> SourceFile:
    key = path.relative_to(folder).as_posix()
    try:
        length = len(key.encode())
    except UnicodeEncodeError as error:
        raise SandboxError(f"S3 keys are UTF-8, and the name of this file is not: {key!r}") from error
    if length > _KEY_MAX:
        raise SandboxError(f"S3 keys have at most {_KEY_MAX} bytes, and this one has {length}: {key!r}")
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            size = stream.tell()
    except OSError as error:
        raise SandboxError(f"{path} cannot be read: {error.strerror}") from error
    if size > max_bytes:
        raise SandboxError(
            f"{path} has {size} bytes, and the stack takes files up to {max_bytes}: "
            "leave it out, or raise baler:filesMaxFileMegabytes in Pulumi.local.yaml."
        )
    return SourceFile(key, path, size, digest)
