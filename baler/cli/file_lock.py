"""A lock file that names the process that holds it; the kernel lets go of it when that ends, however it ends."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


class LockedError(Exception):
    """Another process holds the lock; the message says which, and what to do."""


def holder_unless_locked(descriptor: int) -> str | None:
    """Lock an open file; where another process has, return that process."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
    return None


def sign(descriptor: int) -> None:
    """Write this process into the file that it has locked."""
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)


@contextmanager
def sole_process(path: Path, what: str, instead: str) -> Generator[None]:
    """Hold a lock file.

    Args:
        path: the file.
        what: this process does.
        instead: what to do where another does.

    Raises:
        LockedError: another process holds it.
        OSError: it cannot be made or written.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        owner = holder_unless_locked(descriptor)
        if owner is not None:
            raise LockedError(f"Another {what} (process {owner}) has {path}: {instead}.")
        sign(descriptor)
        yield
    finally:
        os.close(descriptor)
