"""One durability pass for all files of a folder that were just written."""

from __future__ import annotations

import ctypes
import os
import re
import sys
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

# Before 5.8 a lost write went unreported (syncfs(2), "Versions"); from then on what failed to be written since the
# descriptor was opened is. What the file system itself fails with, its journal for example, is passed on from 5.17 on
# (commit 5679897eb104, "vfs: make sync_filesystem return errors from ->sync_fs").
_LINUX_THAT_REPORTS: Final = (5, 17)
# statfs(2): ext2 to ext4, XFS, Btrfs. What they keep is on a disk of this machine. Elsewhere it is not syncfs that
# reaches the disk: FUSE and SMB pass an fsync on to their server, and a syncfs not.
_FILE_SYSTEMS: Final = {0xEF53, 0x58465342, 0x9123683E}
# More than struct statfs has on any machine; its first word is the type.
_STATFS_BYTES: Final = 512
_OPEN_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_OPEN_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def durable(folder: Path) -> Generator[None]:
    """Make what the block writes into a folder durable when it ends: bytes, names, and the folder's own name.

    All at once where the file system can: a sync of each file costs a wait for the disk each. It is opened before
    anything is written, since errors are reported from then on.

    Raises:
        OSError: something could not be written, perhaps another program's file on the same disk.
    """
    descriptor = os.open(folder, _OPEN_FOLDER)
    try:
        yield
        if not sync_file_system(descriptor):
            for path in sorted(folder.iterdir()):
                _sync(path.name, _OPEN_FILE, descriptor)
            os.fsync(descriptor)
            _sync("..", _OPEN_FOLDER, descriptor)
    finally:
        os.close(descriptor)


def sync_file_system(descriptor: int) -> bool:
    """Make everything on a file system durable; False, and nothing was done, where that is not a promise.

    Raises:
        OSError: something could not be written since the descriptor was opened.
    """
    library = _library()
    if library is None or not _keeps_promise(library, descriptor):
        return False
    if library.syncfs(descriptor) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return True


def _sync(name: str, flags: int, folder: int) -> None:
    descriptor = os.open(name, flags, dir_fd=folder)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@cache
def _library() -> ctypes.CDLL | None:
    """Return the C library of a Linux whose syncfs reports errors."""
    if sys.platform != "linux" or not reports_errors(os.uname().release):
        return None
    library = ctypes.CDLL(None, use_errno=True)
    return library if hasattr(library, "syncfs") and hasattr(library, "fstatfs") else None


def reports_errors(release: str) -> bool:
    """Tell whether the syncfs of a Linux of this release, `5.10.0-28-amd64` for example, reports all errors."""
    version = re.match(r"(\d+)\.(\d+)", release)
    return version is not None and (int(version[1]), int(version[2])) >= _LINUX_THAT_REPORTS


def _keeps_promise(library: ctypes.CDLL, descriptor: int) -> bool:
    about = ctypes.create_string_buffer(_STATFS_BYTES)
    if library.fstatfs(descriptor, about) != 0:
        return False
    return ctypes.c_ulong.from_buffer(about).value in _FILE_SYSTEMS
