"""The files of a folder: what each is called in the bucket, and which cannot be sent."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
_LONGEST_KEY_BYTES: Final = 1024
# One put takes no more: https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html
_LARGEST_BYTES: Final = 5 * 1024**3


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file as it was found.

    Attributes:
        path: where it is.
        key: what it is called in the bucket.
        size: bytes.
        mtime_ns: when it was last written, nanoseconds since the epoch.
    """

    path: Path
    key: str
    size: int
    mtime_ns: int

    def is_young(self, now_ns: int, settled_ns: int) -> bool:
        """Tell whether it was written a moment ago, and so may not be whole; a time that lies ahead says nothing."""
        return 0 <= now_ns - self.mtime_ns < settled_ns

    def is_as_found(self) -> bool:
        """Tell whether nobody has written it since."""
        try:
            about = self.path.lstat()
        except OSError:
            return False
        return (about.st_size, about.st_mtime_ns) == (self.size, self.mtime_ns)

    def sha256(self) -> str:
        """Read it and return its hash, hexadecimal."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class UnsendableFile:
    """A file that no object can be made of, and why."""

    path: Path
    reason: str


def files_of(folder: Path, prefix: str) -> Iterator[LocalFile | UnsendableFile]:
    """Yield the files below a folder, in the order of their names; symlinks are left out, and what is no file.

    Args:
        folder: where they are.
        prefix: what their keys begin with; the path below the folder follows.
    """
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        # Much time passes between two files: whoever writes them renames some, and takes others away.
        try:
            if entry.is_dir(follow_symlinks=False):
                yield from files_of(Path(entry.path), f"{prefix}{entry.name}/")
            elif entry.is_file(follow_symlinks=False):
                yield _file(entry, prefix + entry.name)
        except FileNotFoundError:
            continue


def _file(entry: os.DirEntry[str], key: str) -> LocalFile | UnsendableFile:
    path = Path(entry.path)
    try:
        encoded = key.encode()
    except UnicodeEncodeError:
        return UnsendableFile(path, "its name is not UTF-8")
    if len(encoded) > _LONGEST_KEY_BYTES:
        return UnsendableFile(path, f"its key would have {len(encoded)} bytes, more than {_LONGEST_KEY_BYTES}")
    about = entry.stat(follow_symlinks=False)
    if about.st_size > _LARGEST_BYTES:
        return UnsendableFile(path, f"it has {about.st_size} bytes, more than one put takes")
    if not stat.S_IMODE(about.st_mode) or not os.access(path, os.R_OK):
        return UnsendableFile(path, "this user may not read it")
    return LocalFile(path, key, about.st_size, about.st_mtime_ns)
