"""Removes what a store leaves behind, once standard input ends.

    python -I remover.py <folder> [<file> ...]

Standard input is a pipe whose other end the sandbox holds, as that of the supervisor: however the sandbox ends, also by
SIGKILL, the folder and the files go. A supervisor that still works below the folder is waited for: it removes the
folder's `scratch` when its command has ended.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Final

_STANDARD_INPUT: Final = 0
_SUPERVISOR_SECONDS: Final = 15.0  # more than a supervisor allows its command
_POLL_SECONDS: Final = 0.02


def _remove(folder: Path, files: list[Path]) -> None:
    deadline = time.monotonic() + _SUPERVISOR_SECONDS
    while (folder / "scratch").exists() and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    shutil.rmtree(folder, ignore_errors=True)
    for file in files:
        file.unlink(missing_ok=True)


def _stay(_signal: int, _frame: object) -> None:
    """Do nothing: the end of input is the one way to stop."""


if __name__ == "__main__":
    for received in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(received, _stay)
    while os.read(_STANDARD_INPUT, 1):
        pass
    _remove(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
