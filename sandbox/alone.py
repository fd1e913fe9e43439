"""Keeps two runs apart that would use the same folder."""

from __future__ import annotations

import fcntl
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def alone(folder: Path) -> Generator[None]:
    """Keep a second run away from the folder that this one empties and fills; it is made where it is missing.

    Raises:
        SandboxError: another run has it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SandboxError(f"Another run is writing to {folder}: wait for it, or end it.") from error
        yield
