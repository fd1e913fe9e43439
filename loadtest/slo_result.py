"""Was the load what it was meant to be, and did the stack meet its objective under it?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from baler.files.objectives import NEARLY_ALL_SECONDS, TYPICAL_SECONDS
from loadtest.drain import Ending

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadtest.ledger import DeliveryLedger
    from loadtest.shapes import Phase, Shape

LATE_SECONDS: Final = 1.0
"""A file that starts later than this, or that S3 does not take, is not part of the load that was achieved."""

# Of the files of every phase.
_HELD_SHARE: Final = 0.99
# Between the clocks of two machines. Latency is in whole seconds anyway where S3 reports it.
_CLOCK_ERROR_SECONDS: Final = 2.0


class Result(IntEnum):
    """What a run has shown; the number is the exit code."""

    MET = 0
    MISSED = 1
    INCONCLUSIVE = 3


@dataclass(frozen=True)
class PhaseLoad:
    """The load of one phase.

    Attributes:
        phase: what was asked for.
        achieved: files that started in time and that S3 took.
    """

    phase: Phase
    achieved: int

    @property
    def rate(self) -> float:
        """Files per second, comparable to the rate that was asked for."""
        return self.phase.rate * self.achieved / self.phase.files

    @property
    def held(self) -> bool:
        """Whether it was, near enough, what was asked for."""
        return self.achieved >= _HELD_SHARE * self.phase.files


@dataclass(frozen=True)
class Circumstances:
    """What else is known of a run.

    Attributes:
        ending: how it ended.
        unseen: numbers of missing files that are in the archive: delivered and taken away, or not delivered.
        vanished: bundles that were taken away while they were looked at.
        broken: keys of bundles that are damaged.
        clock_error: the largest difference, in seconds, between a worker's clock and the watcher's.
    """

    ending: Ending
    unseen: frozenset[int]
    vanished: int
    broken: tuple[str, ...]
    clock_error: float


@dataclass(frozen=True)
class SloResult:
    """What a run has shown.

    Attributes:
        result: met, missed, or neither.
        reasons: why it is not met, a sentence each.
        loads: phase by phase.
        latencies: seconds from upload to mailbox of every file that S3 took, sorted; infinite for the missing ones.
        lost: numbers of files that S3 took and that are nowhere.
    """

    result: Result
    reasons: tuple[str, ...]
    loads: tuple[PhaseLoad, ...]
    latencies: tuple[float, ...]
    lost: frozenset[int]


def judge(shape: Shape, ledger: DeliveryLedger, circumstances: Circumstances) -> SloResult:
    """Hold a finished run against the objective."""
    loads = loads_of(shape, ledger)
    taken = [upload for upload in ledger.uploads.values() if not upload.error]
    latencies = sorted(math.inf if (known := ledger.latency(upload)) is None else known for upload in taken)
    stopped = circumstances.ending is Ending.INTERRUPTED
    lost: frozenset[int] = frozenset() if stopped else frozenset(ledger.missing) - circumstances.unseen
    missed = _missed(ledger, circumstances, lost)
    doubts = _doubts(loads, circumstances)
    if not stopped and not circumstances.unseen:
        missed += _late(latencies)
    result = Result.MISSED if missed else Result.INCONCLUSIVE if doubts else Result.MET
    return SloResult(result, (*missed, *doubts), loads, tuple(latencies), lost)


def nearest_rank(values: Sequence[float], percent: float) -> float:
    """Return the smallest of sorted values that `percent` of them do not exceed."""
    return values[max(0, math.ceil(len(values) * percent / 100) - 1)]


def loads_of(shape: Shape, ledger: DeliveryLedger) -> tuple[PhaseLoad, ...]:
    """Return the load of each phase, by the numbers of its files."""
    loads: list[PhaseLoad] = []
    first = 0
    for phase in shape.phases:
        uploads = (ledger.uploads.get(number) for number in range(first, first + phase.files))
        achieved = sum(upload is not None and not upload.error and upload.late <= LATE_SECONDS for upload in uploads)
        loads.append(PhaseLoad(phase, achieved))
        first += phase.files
    return tuple(loads)


def _missed(ledger: DeliveryLedger, circumstances: Circumstances, lost: frozenset[int]) -> list[str]:
    counts = {
        "files are lost": len(lost),
        "files came twice": len(ledger.twice),
        "files came with other bytes": len(ledger.damaged),
        "bundles are damaged": len(circumstances.broken),
    }
    return [f"{count} {what}" for what, count in counts.items() if count]


def _late(latencies: list[float]) -> list[str]:
    """Return the percentiles that miss the objective (PULL-NFR-02)."""
    if not latencies:
        return []
    bounds = {95.0: TYPICAL_SECONDS, 99.9: NEARLY_ALL_SECONDS}
    found = {percent: nearest_rank(latencies, percent) for percent in bounds}
    return [
        f"p{percent:g} of upload to mailbox is {latency:.1f} s, not below {bounds[percent]} s"
        for percent, latency in found.items()
        if latency >= bounds[percent]
    ]


def _doubts(loads: tuple[PhaseLoad, ...], circumstances: Circumstances) -> list[str]:
    """Return why the run shows nothing, even if all that was measured is good."""
    doubts = [
        f"the load was not held: {load.rate:.1f} files/s in place of {load.phase.rate:g}, so it proves nothing"
        for load in loads
        if not load.held
    ]
    if circumstances.ending is Ending.INTERRUPTED:
        doubts.append("it was interrupted before everything had time to arrive")
    if circumstances.unseen or circumstances.vanished:
        doubts.append(
            f"{len(circumstances.unseen)} files are in the archive and were not seen in the mailbox: stop the consumer "
            "while the test runs, or watch the archive (--watch archive); without a consumer they were not delivered"
        )
    if circumstances.clock_error > _CLOCK_ERROR_SECONDS:
        doubts.append(
            f"the clocks of the machines differ by {circumstances.clock_error:.1f} s, and so the latency is wrong"
        )
    return doubts
