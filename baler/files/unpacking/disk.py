"""What a disk makes of names, and whether it is the disk that fails or one place on it."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from typing import Final

# What may concern the whole disk, though a folder alone may have it too: a quota, a mount below, a damaged block.
ERRORS_OF_A_DISK: Final = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}
# What concerns the process or the machine, and so any place.
_OF_THE_PROCESS: Final = {errno.EMFILE, errno.ENFILE, errno.ENOMEM}
_PROBE_BYTES: Final = 64 * 1024
_PROBE: Final = b"probe"
# With an accent, capitals, a colon, a dot and a blank at its end: each of them is lost or refused by some disk.
_NAME: Final = "Nam\u00e9: .".encode()
_OTHER_CASE: Final = "nam\u00e9: .".encode()
_OTHER_FORM: Final = "Name\u0301: .".encode()


@dataclass(frozen=True, slots=True)
class NameRules:
    """What a disk does with names.

    Attributes:
        altered: it refuses or changes some of what Linux allows, as the disks of Windows do.
        merged: it takes different names for the same: other case, other Unicode form.
    """

    altered: bool
    merged: bool


def name_rules(folder: int) -> NameRules:
    """Find out by a file in an own folder, which is removed again; one that a dead process left is as good.

    Raises:
        OSError: the disk fails, whatever the name.
    """
    try:
        os.close(os.open(_NAME, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=folder))
    except OSError as error:
        if concerns_the_disk(error, folder):
            raise
        return NameRules(altered=True, merged=True)
    try:
        return NameRules(
            altered=os.fsdecode(_NAME) not in os.listdir(folder),
            merged=_is_there(_OTHER_CASE, folder) or _is_there(_OTHER_FORM, folder),
        )
    finally:
        os.unlink(_NAME, dir_fd=folder)


def concerns_the_disk(error: OSError, folder: int) -> bool:
    """Say whether an error that some place gave would meet every place on the disk.

    Args:
        error: what the place gave.
        folder: an own folder on the same disk, in which it is tried out.
    """
    if error.errno in _OF_THE_PROCESS:
        return True
    if error.errno not in ERRORS_OF_A_DISK:
        return False
    try:
        probe = os.open(_PROBE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600, dir_fd=folder)
        try:
            os.write(probe, bytes(_PROBE_BYTES))
            os.fsync(probe)
        finally:
            os.close(probe)
            os.unlink(_PROBE, dir_fd=folder)
    except OSError:
        return True
    return False


def passes(error: OSError) -> bool:
    """Say whether the same command may go well later, when the disk or the machine has room again."""
    return error.errno in ERRORS_OF_A_DISK | _OF_THE_PROCESS


def _is_there(name: bytes, folder: int) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return False
    return True
