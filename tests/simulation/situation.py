"""What the actors of one schedule share."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from baler.files.claims.protocol import ClaimProtocol
from components.files.timing import visibility_timeout_seconds
from runtime.files.aggregator.isolation import Isolation
from runtime.files.reconciliation.reconciler import Reconciler
from simulation.ingest_queue import IngestQueue
from simulation.stores import Archive, Memory, Table

if TYPE_CHECKING:
    from simulation.workload import Workload
    from simulation.world import World

# Seconds; what the stacks have (Pulumi.yaml).
FUNCTION_TIMEOUT: Final = 18
_BATCHING_WINDOW: Final = 10


@dataclass(frozen=True)
class Design:
    """What is simulated: the real protocol, unless a part is replaced by a broken one (see broken.py)."""

    protocol: type[ClaimProtocol] = ClaimProtocol
    table: type[Table] = Table
    archive: type[Archive] = Archive
    isolation: type[Isolation] = Isolation
    acknowledges_first: bool = False
    """It deletes what can never be processed before it moves it to the dead letters."""
    reconciler: type[Reconciler] = Reconciler


class Situation:
    """One schedule's world, stores and queue."""

    def __init__(self, seed: int, workload: Workload, design: Design, world: World) -> None:
        self.seed = seed
        self.workload = workload
        self.design = design
        self.world = world
        self.memory = Memory(workload)
        self.queue = IngestQueue(
            visibility_timeout_seconds(function_timeout=FUNCTION_TIMEOUT, batching_window=_BATCHING_WINDOW)
        )
        self._bundles = itertools.count(1)
        self._runs = itertools.count(1)
        self._random = random.Random(seed)  # noqa: S311 - a schedule, no secret

    def entropy(self, size: int) -> bytes:
        """What tells bundle ids apart: a number, so that a report can name bundles by it."""
        return next(self._bundles).to_bytes(size, "big")

    def run_id(self) -> str:
        """A number, as that of a bundle."""
        return str(next(self._runs))

    def spread(self) -> float:
        """What spreads retries."""
        return self._random.random()
