"""What the actors of one schedule share."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from simulation.workload import START

from runtime.lake.curation.reading import reader_of
from runtime.lake.ingestion.source_run import SourceRun
from simulation_lake.actors import CurationActor, IngestionActor, Invocation
from simulation_lake.invariants import Invariants
from simulation_lake.stores import Memory, Raw, States, Table
from simulation_lake.workload import SOURCE

if TYPE_CHECKING:
    from simulation.actor import Actor
    from simulation.world import World

    from runtime.lake.curation.ports import Read
    from simulation_lake.workload import Workload

READ: Final = reader_of({SOURCE.name: SOURCE})


@dataclass(frozen=True)
class Design:
    """What is simulated: the real ingestion and curation, unless a part is replaced by a broken one (broken.py)."""

    run: type[SourceRun] = SourceRun
    states: type[States] = States
    raw: type[Raw] = Raw
    table: type[Table] = Table
    read: Read = READ


class Situation:
    """One schedule's world, stores and functions."""

    def __init__(self, seed: int, workload: Workload, design: Design, world: World) -> None:
        self.workload = workload
        self.design = design
        self.world = world
        self.memory = Memory(seed, world, workload, Invariants())
        self.invocations: list[Invocation] = []
        self._tokens = itertools.count(1)
        self.actors: list[Actor] = [
            actor(f"{name}-{number}", self)
            for name, actor, most in (("ingestion", IngestionActor, 2), ("curation", CurationActor, 3))
            for number in range(1, most + 1)
        ]

    def fire(self) -> None:
        """Let the schedule fire, each event in its time."""
        for firing in self.workload.firings:
            invocation = Invocation(firing.event, START + firing.arrives_after)
            self.world.at(invocation.due, lambda invocation=invocation: self.invocations.append(invocation))

    def fire_once_more(self) -> None:
        """Let the schedule fire when all is well, and the lease of one that died is over."""
        event = datetime.fromtimestamp(self.world.now, UTC).replace(microsecond=0) + timedelta(minutes=5)
        self.invocations.append(Invocation(event, event.timestamp()))

    def new_token(self) -> str:
        """A name that no other transaction has."""
        return str(next(self._tokens))
