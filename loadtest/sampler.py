"""Samples what this machine and the processes that this one started use, while a run goes on."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from tempfile import gettempdir
from typing import TYPE_CHECKING, Any, Final

import psutil

from loadtest.samples import EMULATOR, FUNCTION, GENERATOR, Sample, Use

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

# So many samples of a run are enough for any figure; more often than each second shows nothing more.
_SAMPLES: Final = 1000
_LEAST_SECONDS: Final = 1.0
_OTHERS: Final = "the sandbox's other processes"


class ProcessSampler:
    """Looks at all descendants of this process."""

    def __init__(self) -> None:
        self._parts: dict[tuple[int, float], str] = {}
        self._cpu: dict[tuple[int, float], float] = {}

    def sample(self) -> Sample:
        """Look once."""
        found: dict[str, list[Any]] = {}
        for process in psutil.Process().children(recursive=True):
            try:
                with process.oneshot():
                    key = (process.pid, process.create_time())
                    part = self._parts.get(key) or _part(process)
                    times = process.cpu_times()
                    look = (process.memory_info().rss, process.num_fds())
            except psutil.Error:
                continue  # it has ended, or is ending
            self._parts[key] = part
            self._cpu[key] = times.user + times.system
            found.setdefault(part, []).append(look)
        uses = {
            part: Use(
                len(found.get(part, [])),
                round(sum(self._cpu[key] for key, known in self._parts.items() if known == part), 2),
                sum(memory for memory, _ in found.get(part, [])),
                sum(descriptors for _, descriptors in found.get(part, [])),
            )
            for part in sorted(set(self._parts.values()))
        }
        times: Any = psutil.cpu_times()
        idle = times.idle + getattr(times, "iowait", 0.0)
        return Sample(
            at=round(time.time(), 3),
            # A guest's time is in its user's.
            busy_seconds=round(sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0) - idle, 2),
            idle_seconds=round(idle, 2),
            cores=psutil.cpu_count() or 1,
            disk_bytes=psutil.disk_usage(gettempdir()).used,
            uses=uses,
        )


@contextmanager
def sampling(path: Path, seconds: float) -> Generator[None]:
    """Write a sample to a file again and again while the block runs.

    Args:
        path: the file; each line is there when it is written.
        seconds: how long the run takes, about.
    """
    pause = max(_LEAST_SECONDS, seconds / _SAMPLES)
    ended = threading.Event()

    def write() -> None:
        sampler = ProcessSampler()
        with path.open("a", buffering=1, encoding="utf-8") as file:
            while True:
                file.write(sampler.sample().line())
                if ended.wait(pause):
                    return

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _part(process: psutil.Process) -> str:
    """Return which part a process has, by its command line; a function's child is known by its environment."""
    command = process.cmdline()
    if any(argument.endswith("supervisor.py") for argument in command):
        return _OTHERS
    if "localstack.runtime.main" in command:
        return EMULATOR
    if "locust" in command:
        return GENERATOR
    if name := process.environ().get("AWS_LAMBDA_FUNCTION_NAME"):
        return FUNCTION + name
    return _OTHERS
