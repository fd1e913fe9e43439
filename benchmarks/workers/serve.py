"""The measured end of the pipe: does each piece of work that it is asked for, and reports what that took.

Only the standard library: the peers and the packaged function run by interpreters that have little else.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def serve(work: Callable[[Any], object]) -> None:
    """Do what each line of standard input asks for, until it ends.

    Lines are JSON documents. An answer has `seconds`, `cpu_seconds` (all threads, user and system), `written_bytes`
    (to files, also deleted ones), `resident_bytes`, `peak_resident_bytes` and, as `answer`, what `work` returned.
    """
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # logs and metrics that the work prints are no answers
    for line in sys.stdin:
        request = json.loads(line)
        written, cpu, start = _written_bytes(), time.process_time(), time.perf_counter()
        answer = work(request)
        taken = {
            "seconds": time.perf_counter() - start,
            "cpu_seconds": time.process_time() - cpu,
            "written_bytes": _written_bytes() - written,
            "resident_bytes": _memory("VmRSS"),
            "peak_resident_bytes": _memory("VmHWM"),
            "answer": answer,
        }
        answers.write(json.dumps(taken) + "\n")
        answers.flush()


def _written_bytes() -> int:
    """Return what this process has passed to write(2) so far; what goes into sockets is not in it."""
    return _field(Path("/proc/self/io"), "wchar")


def _memory(name: str) -> int:
    return _field(Path("/proc/self/status"), name) * 1024


def _field(path: Path, name: str) -> int:
    """Read a number that only Linux has; 0 elsewhere."""
    lines = path.read_text(encoding="ascii").splitlines() if path.exists() else []
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{name}:")), 0)
