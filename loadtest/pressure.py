"""What kept the processors busy, what was left when the uploads stopped, and which of it made the run late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from loadtest.samples import EMULATOR

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from loadtest.ledger import DeliveryLedger
    from loadtest.samples import Sample
    from loadtest.shapes import Shape

LATE_P999_SECONDS: Final = 20.0
"""The aim of a burst on this machine: above it a run asks for a cause, also where the objective is met."""

# Of the machine's cores, and of the one core that a Python process can have.
_BUSY: Final = 0.9
# Of a core.
_WORTH_SAYING: Final = 0.03


@dataclass(frozen=True, slots=True)
class Pressure:
    """Processor time during the peak, in cores: 1 is all of one.

    Attributes:
        seconds: how long of the peak was seen.
        cores: how many the machine has.
        busy: how many of them worked.
        parts: by whom, of the run's own processes.
    """

    seconds: float
    cores: int
    busy: float
    parts: dict[str, float]

    @property
    def others(self) -> float:
        """What other programs of the machine had, and the kernel."""
        return max(0.0, self.busy - sum(self.parts.values()))

    def __str__(self) -> str:
        parts = [*self.parts.items(), ("other programs", self.others)]
        said = ", ".join(f"{part} {used:.2f}" for part, used in parts if used >= _WORTH_SAYING)
        return f"{self.busy:.2f} of {self.cores} cores: {said}"


@dataclass(frozen=True, slots=True)
class Backlog:
    """What had not arrived when the uploads stopped.

    Attributes:
        files: how many.
        seconds: until the last of them was there; None where one never came.
    """

    files: int
    seconds: float | None


def peak_of(shape: Shape) -> tuple[float, float]:
    """Return from when to when the highest rate lasts, in seconds since the start."""
    start, found = 0.0, (0.0, 0.0)
    highest = max(phase.rate for phase in shape.phases)
    for phase in shape.phases:
        if phase.rate == highest:
            found = (start, start + phase.seconds)
        start += phase.seconds
    return found


def pressure_of(samples: Sequence[Sample], start: float, end: float) -> Pressure | None:
    """Return what kept the processors busy from one moment to another; None where too little was seen."""
    seen = [sample for sample in samples if start <= sample.at <= end]
    if len(seen) < 2:  # noqa: PLR2004 - a difference takes two
        return None
    first, last = seen[0], seen[-1]
    seconds = last.at - first.at
    # By the machine's own count of what its cores could have done: a clock that was set meanwhile changes nothing.
    counted = last.busy_seconds - first.busy_seconds + last.idle_seconds - first.idle_seconds
    if seconds <= 0 or counted <= 0:
        return None
    parts = {
        part: (use.cpu_seconds - (first.uses[part].cpu_seconds if part in first.uses else 0.0)) / seconds
        for part, use in last.uses.items()
    }
    busy = last.cores * (last.busy_seconds - first.busy_seconds) / counted
    return Pressure(
        round(seconds, 1), last.cores, round(busy, 2), {part: round(used, 2) for part, used in parts.items()}
    )


def backlog_of(ledger: DeliveryLedger) -> Backlog:
    """Return what had not arrived at the end of the last upload."""
    taken = [upload for upload in ledger.uploads.values() if not upload.error]
    stopped = max((upload.finished for upload in taken), default=0.0)
    arrivals = [None if (latency := ledger.latency(upload)) is None else upload.finished + latency for upload in taken]
    behind = [at for at in arrivals if at is None or at > stopped]
    came = [at for at in behind if at is not None]
    return Backlog(len(behind), max(came, default=stopped) - stopped if len(came) == len(behind) else None)


def cause_of(pressure: Pressure | None, stalled_seconds: float, slowest: Mapping[str, float]) -> str:
    """Return in a sentence what made a run late, by what was measured.

    Args:
        pressure: during the peak; None where the processors were not seen.
        stalled_seconds: for which the generator had no processor.
        slowest: the parts of the latency of the slowest files, in seconds; empty where they are not known.
    """
    waited = ""
    if slowest:
        part = max(slowest, key=lambda name: slowest[name])
        waited = f"; the slowest files spent {slowest[part]:.1f} s of {sum(slowest.values()):.1f} s in: {part}"
    if pressure is None:
        stalled = f"the generator had no processor for {stalled_seconds:.1f} s" if stalled_seconds > 1 else ""
        return f"{stalled or 'unknown: the processors were not seen'}{waited}"
    if pressure.busy >= _BUSY * pressure.cores:
        return f"the processor was busy ({pressure}){waited}"
    if pressure.parts.get(EMULATOR, 0.0) >= _BUSY:
        return f"LocalStack was busy, one Python process that can have one core ({pressure}){waited}"
    return f"no processor was busy ({pressure}){waited}"
