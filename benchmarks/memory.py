"""Memory: whether it grows from batch to batch, and how much of it a batch of large files takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from benchmarks.content import json_lines
from benchmarks.contestant import running
from benchmarks.end_to_end import BATCH
from benchmarks.endless_store import endless_store
from benchmarks.events import invocation, message_body
from benchmarks.floor.endpoints import Endpoints
from benchmarks.package import PYTHON, environment
from benchmarks.stage import Landed

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.stage import Stage

EARLY: Final = 5
LATE: Final = 100
LARGE_FILES: Final = 100
LARGE_BYTES: Final = 50 * 1000 * 1000
FUNCTION_BYTES: Final = 512 * 1024 * 1024


@dataclass(frozen=True)
class Memory:
    """What our process holds.

    Attributes:
        resident: bytes after each batch of 100 files of 2 KB, by the packaged function.
        large_peak: most bytes resident while a batch of 100 files of 50 MB was bundled.
        large_written: bytes written to temporary files for it.
        large_seconds: what it took.
    """

    resident: list[int]
    large_peak: int
    large_written: int
    large_seconds: float

    @property
    def growth(self) -> float:
        """Resident after the last batch, in proportion to that after the fifth."""
        return self.resident[LATE - 1] / self.resident[EARLY - 1]


def measure(stage: Stage, task: Path, logs: Path) -> Memory:
    """Run many batches through one process, and a batch of large files through another."""
    files = stage.land("memory", [json_lines(2000, number) for number in range(BATCH)])
    resident: list[int] = []
    with stage.claim_table() as table:
        variables = environment(task, stage.queue_url, table)
        with running("function", stage.endpoints, logs, python=PYTHON, environment=variables) as contestant:
            for _ in range(LATE):
                stage.empty(table)
                resident.append(contestant.do(BATCH, invocations=[invocation(files)]).resident_bytes)
    large = [Landed(f"large/{number:03d}", f"v{number}", "0", LARGE_BYTES) for number in range(LARGE_FILES)]
    with endless_store(LARGE_BYTES) as url, running("aggregator", Endpoints.of_one(url), logs) as contestant:
        taken = contestant.do(LARGE_FILES, batches=[[message_body(file) for file in large]], claim_table=None)
    return Memory(resident, taken.peak_resident_bytes, taken.written_bytes, taken.seconds)
