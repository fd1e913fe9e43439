"""How the cost of a file grows with the number of files in a batch, and with their size."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from benchmarks.content import json_lines
from benchmarks.contestant import Contestant, Taken, running
from benchmarks.events import message_body
from benchmarks.spread import Spread, in_turns

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.stage import Landed, Stage

COUNTS: Final = (1, 3, 10, 30, 100, 300, 1000)
SIZES: Final = (0, 2_000, 20_000, 200_000, 1_000_000, 5_000_000)

_COUNTED_BYTES: Final = 2000
_SIZED_FILES: Final = 20


@dataclass(frozen=True)
class Cost:
    """Milliseconds a file.

    Attributes:
        seconds: from the batch's start to its end.
        cpu: of our process.
    """

    seconds: Spread
    cpu: Spread


@dataclass(frozen=True)
class Growth:
    """The cost of a file by files per batch (2 KB each), and by its size in bytes (20 a batch)."""

    by_count: dict[int, Cost]
    by_size: dict[int, Cost]


def measure(stage: Stage, logs: Path, rounds: int) -> Growth:
    """Handle batches of every number and size, with the claim table."""
    many = stage.land("many", [json_lines(_COUNTED_BYTES, number) for number in range(max(COUNTS))])
    sized = {size: stage.land(f"size-{size}", [json_lines(size, n) for n in range(_SIZED_FILES)]) for size in SIZES}
    with running("aggregator", stage.endpoints, logs) as contestant:
        _batch(stage, contestant, many[:10])
        by_count = in_turns({str(count): partial(_batch, stage, contestant, many[:count]) for count in COUNTS}, rounds)
        by_size = in_turns({str(size): partial(_batch, stage, contestant, sized[size]) for size in SIZES}, rounds)
    return Growth(
        {int(count): _cost(samples) for count, samples in by_count.items()},
        {int(size): _cost(samples) for size, samples in by_size.items()},
    )


def _batch(stage: Stage, contestant: Contestant, files: Sequence[Landed]) -> Taken:
    with stage.claim_table() as table:
        bodies = [message_body(file) for file in files]
        return contestant.do(len(files), batches=[bodies], claim_table=table)


def _cost(samples: Sequence[Taken]) -> Cost:
    return Cost(
        Spread(tuple(taken.seconds * 1000 / taken.answer for taken in samples)),
        Spread(tuple(taken.cpu_seconds * 1000 / taken.answer for taken in samples)),
    )
