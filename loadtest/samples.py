"""What the machine and the processes of a run use, sample by sample: a file of JSON lines that a crash leaves whole."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FILE = "samples.jsonl"
"""In the folder of a run's results."""

EMULATOR = "LocalStack"
GENERATOR = "load generator"
FUNCTION = "function "
"""And its name."""


@dataclass(frozen=True, slots=True)
class Use:
    """What processes with one part use together.

    Attributes:
        processes: how many there are.
        cpu_seconds: since the first sample, also of those that have ended meanwhile.
        memory_bytes: resident.
        descriptors: open files and connections.
    """

    processes: int
    cpu_seconds: float
    memory_bytes: int
    descriptors: int


@dataclass(frozen=True, slots=True)
class Sample:
    """One look.

    Attributes:
        at: seconds since the epoch.
        busy_seconds: processor time that the machine has spent since it started, of all its cores.
        idle_seconds: and has not.
        cores: how many cores it has.
        disk_bytes: used on the disk of temporary files.
        uses: by part: LocalStack, the generator, each function.
    """

    at: float
    busy_seconds: float
    idle_seconds: float
    cores: int
    disk_bytes: int
    uses: dict[str, Use]

    def line(self) -> str:
        """Return it as a line of JSON, with its end."""
        return json.dumps(asdict(self), separators=(",", ":")) + "\n"


def read_samples(path: Path) -> list[Sample]:
    """Read samples; no file is no samples, and a last line that a crash cut off is left out."""
    if not path.exists():
        return []
    samples: list[Sample] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            found = json.loads(line)
        except ValueError:
            continue
        uses = {part: Use(**use) for part, use in found.pop("uses").items()}
        samples.append(Sample(**found, uses=uses))
    return samples
