"""One consumer per state folder."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from operations.consume.state import FolderError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


class AlreadyRunningError(Exception):
    """Another consumer holds the lock; the message names its process."""


@contextmanager
def sole_consumer(path: Path) -> Generator[None]:
    """Hold the lock file at `path`; the kernel lets go of it when the process ends, however it ends.

    Raises:
        AlreadyRunningError: another process holds it.
        FolderError: it cannot be written; the disk is full, say.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            owner = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
            raise AlreadyRunningError(
                f"Another `baler consume` (process {owner}) works in {path.parent}: "
                "stop it first, or give this one an --into and --state of its own."
            ) from error
        try:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        except OSError as error:
            raise FolderError(f"Cannot write {str(path)!r}: {error.strerror}.") from error
        yield
    finally:
        os.close(descriptor)
