"""One consumer per state folder and, where no lease decides, per mailbox."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from baler.cli.file_lock import holder_unless_locked, sign
from baler.commands.consume.state import FolderError

if TYPE_CHECKING:
    from collections.abc import Generator


class AlreadyRunningError(Exception):
    """Another consumer holds the lock; the message names its process."""


@contextmanager
def sole_consumer(path: Path) -> Generator[None]:
    """Hold the lock file at `path`; the kernel lets go of it when the process ends, however it ends.

    Raises:
        AlreadyRunningError: another process holds it.
        FolderError: it cannot be locked or written: the disk is full, for example.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _unusable(path, error) from error
    try:
        try:
            owner = holder_unless_locked(descriptor)
        except OSError as error:
            raise _unusable(path, error) from error
        if owner is not None:
            raise AlreadyRunningError(
                f"Another `baler consume` (process {owner}) works in {path.parent}: "
                "stop it first, or give this one an --into and --state of its own."
            )
        try:
            sign(descriptor)
        except OSError as error:
            raise _unusable(path, error) from error
        yield
    finally:
        os.close(descriptor)


@contextmanager
def sole_consumer_of(mailbox: str) -> Generator[None]:
    """Hold a lock on a mailbox against other consumers of this user on this machine, whatever their folders.

    Each would deliver every bundle. Where no such lock can be had (no folder for temporary files, or one of somebody
    else's in its place) nothing is noticed here; consumers on other machines are not noticed in any case.

    Args:
        mailbox: what tells it from others: endpoint, bucket and prefix.

    Raises:
        AlreadyRunningError: another process holds it.
    """
    name = hashlib.sha256(mailbox.encode()).hexdigest()[:16]
    path = _shared_folder() / f"baler-{os.getuid()}-{name}.lock"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError:
        yield
        return
    try:
        if _is_our_own(descriptor):
            owner = holder_unless_locked(descriptor)
            if owner is not None:
                raise AlreadyRunningError(
                    f"Another `baler consume` (process {owner}) takes from this mailbox on this machine: every file "
                    "would be delivered twice. Stop it first, or give both --lease-table."
                )
            sign(descriptor)
        yield
    finally:
        os.close(descriptor)


def _unusable(path: Path, error: OSError) -> FolderError:
    return FolderError(f"Cannot lock and write {str(path)!r}: {error.strerror}.")


def _shared_folder() -> Path:
    return Path(tempfile.gettempdir())


def _is_our_own(descriptor: int) -> bool:
    """Tell whether a file in a folder where anybody makes files is ours, and not a second name of another of ours."""
    found = os.fstat(descriptor)
    return stat.S_ISREG(found.st_mode) and found.st_uid == os.getuid() and found.st_nlink == 1
