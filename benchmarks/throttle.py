"""Holds a process to a share of a processor, as Lambda does: by periods of 20 ms, in each of which it may use so much.

Lambda does it with the kernel's bandwidth control, which a machine's user may not set. Here a thread reads what the
process has used, and stops it (SIGSTOP) for the rest of a period once it has had its share.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Generator

_PERIOD_SECONDS: Final = 0.02
_STEP_SECONDS: Final = 0.002
_NANO: Final = 1_000_000_000


@contextmanager
def throttled(pid: int, share: float) -> Generator[None]:
    """Hold a process for the length of a block.

    Args:
        pid: of the process.
        share: of one processor; all of its threads together have no more. 1 leaves it alone.
    """
    if share >= 1:
        yield
        return
    over = threading.Event()
    governor = threading.Thread(target=_govern, args=(pid, share, over))
    governor.start()
    try:
        yield
    finally:
        over.set()
        governor.join()
        os.kill(pid, signal.SIGCONT)


def _govern(pid: int, share: float, over: threading.Event) -> None:
    last, used_before = time.monotonic(), used_seconds(pid)
    allowance, stopped = _PERIOD_SECONDS * share, False
    while not over.wait(_STEP_SECONDS):
        now, used = time.monotonic(), used_seconds(pid)
        # What is not used is lost at the end of a period; what was used too much is owed.
        allowance = min(allowance + (now - last) * share - (used - used_before), _PERIOD_SECONDS * share)
        last, used_before = now, used
        if (allowance < 0) is not stopped:
            stopped = not stopped
            os.kill(pid, signal.SIGSTOP if stopped else signal.SIGCONT)


def used_seconds(pid: int) -> float:
    """Return the processor time of all living threads of a process, from the scheduler's own count; 0 once it ended."""
    try:
        tasks = [task / "schedstat" for task in Path(f"/proc/{pid}/task").iterdir()]
        return sum(_running(task) for task in tasks) / _NANO
    except FileNotFoundError:
        return 0.0


def _running(schedstat: Path) -> int:
    try:
        return int(schedstat.read_text(encoding="ascii").split()[0])
    except (FileNotFoundError, ProcessLookupError):
        return 0  # a thread that ended meanwhile
