"""What the actors of one schedule share."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from baler.files.claims.protocol import ClaimProtocol
from components.files.timing import visibility_timeout_seconds
from runtime.files.aggregator.isolation import Isolation
from runtime.files.courier.courier import Courier
from runtime.files.reconciliation.reconciler import Reconciler
from simulation.courier_stores import CourierMailbox, CourierTable, Postbox, ReceiverClient
from simulation.ingest_queue import IngestQueue
from simulation.pushing import Pushing
from simulation.receiver import ReceiverModel
from simulation.stores import Archive, Memory, Table

if TYPE_CHECKING:
    from simulation.push import Delivery, Push
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
    courier: type[Courier] = Courier
    courier_table: type[CourierTable] = CourierTable
    courier_mailbox: type[CourierMailbox] = CourierMailbox
    receiver_client: type[ReceiverClient] = ReceiverClient
    receiver: type[ReceiverModel] = ReceiverModel
    delivery: Delivery | None = None
    """How bundles leave the mailbox in every schedule; None: as the seed says."""


class Situation:
    """One schedule's world, stores and queue; `pushing` is None where bundles are pulled."""

    def __init__(self, seed: int, workload: Workload, push: Push | None, design: Design, world: World) -> None:
        self.seed = seed
        self.workload = workload
        self.design = design
        self.world = world
        postbox = None if push is None else Postbox(lambda: world.now)
        self.memory = Memory(workload, {} if postbox is None else postbox)
        self.pushing = None if push is None or postbox is None else Pushing(push, design, self.memory, postbox, world)
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
