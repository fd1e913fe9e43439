"""What the actors of one schedule share."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulation.workload import START

from runtime.events.compactor.compactor import Compactor
from runtime.events.processor.crash_counter import CrashCounter
from runtime.events.processor.processor import Processor
from runtime.events.recovery.recovery import Recovery
from runtime.events.sweeper.sweeper import Sweeper
from runtime.events.transformer.transformer import Transformer
from simulation_events.catalog import CatalogTable
from simulation_events.compacting import CompactorActor
from simulation_events.invariants import Invariants
from simulation_events.poller import MappingRules, ShardPoller
from simulation_events.processing import ProcessorActor
from simulation_events.protocol_table import CoverageTable, Runs, Table
from simulation_events.recovering import Operator, RecoveryActor
from simulation_events.stores import Memory, Raw
from simulation_events.sweeping import SWEEPER, SweeperActor, Sweeps, draw_sweeps
from simulation_events.transforming import TransformerActor
from simulation_events.workload import DAY_SECONDS

if TYPE_CHECKING:
    from simulation.actor import Actor
    from simulation.world import World

    from simulation_events.workload import Workload


@dataclass(frozen=True)
class Design:
    """What is simulated: the real protocol, unless a part is replaced by a broken one (see broken.py)."""

    processor: type[Processor] = Processor
    transformer: type[Transformer] = Transformer
    crashes: type[CrashCounter] = CrashCounter
    table: type[Table] = Table
    runs: type[Runs] = Runs
    recovery: type[Recovery] = Recovery
    coverage: type[CoverageTable] = CoverageTable
    compactor: type[Compactor] = Compactor
    catalog: type[CatalogTable] = CatalogTable
    sweeper: type[Sweeper] = Sweeper
    raw: type[Raw] = Raw
    names_alone: bool = False
    """There is no frontier: objects are told apart by their names, and all of them are read."""
    acknowledges_first: bool = False
    """The compactor's messages are deleted before their objects are in the table."""


class Situation:
    """One schedule's world, stores, pollers and functions."""

    def __init__(self, seed: int, workload: Workload, design: Design, world: World) -> None:
        self.workload = workload
        self.design = design
        self.world = world
        self.memory = Memory(seed, world, Invariants(workload))
        self._runs = itertools.count(1)
        parents = dict(workload.parents)
        self.pollers: list[ShardPoller] = []
        self.actors: list[Actor] = []
        for reader in range(workload.readers):
            own: dict[int, ShardPoller] = {}
            for shard in workload.shards:
                parent = own.get(parents.get(shard, -1))
                own[shard] = ShardPoller(
                    f"poller-{reader}-{shard}",
                    [each.record for each in workload.records if each.shard == shard],
                    MappingRules(
                        workload.batch, workload.halves_partial, workload.oldest_seconds, START + workload.idle_seconds
                    ),
                    parent=lambda parent=parent: parent is None or parent.is_over,
                    discard=self.memory.given_up.append,
                )
                for number in (1, 2):
                    name = f"processor-{reader}-{shard}-{number}"
                    self.actors.append(ProcessorActor(name, shard, own[shard], self))
            self.pollers += own.values()
        self.operator = Operator(self)
        self.actors += [RecoveryActor(f"recovery-{number}", self.operator, self) for number in (1, 2)]
        self.actors += [TransformerActor(f"transformer-{number}", self) for number in (1, 2)]
        self.actors += [CompactorActor(f"compactor-{number}", self) for number in (1, 2)]
        self.sweeps = Sweeps(self, draw_sweeps(seed))
        self.actors += [SweeperActor(f"{SWEEPER}-{number}", self.sweeps, self) for number in (1, 2)]

    def disturb(self) -> None:
        """Let readers begin anew, and others do what they do, each in its time."""
        self.sweeps.schedule()
        for after in self.workload.reprocessed:
            self.world.at(START + after, self.reprocess)
        for after in self.workload.redrives:
            self.world.at(START + after, self.operator.redrive)
        for each in self.workload.replays:
            self.world.at(
                START + each.after,
                lambda each=each: self.operator.replay(each.shard, each.first, each.last),
            )
        for foreign in self.workload.foreign:
            self.world.at(START + foreign.after, lambda key=foreign.key: self.memory.transforms.announce(key))
        for lost in self.workload.lost:
            poller = self.pollers[lost.reader % len(self.pollers)]
            self.world.at(START + lost.after, lambda poller=poller, lost=lost: poller.lose_checkpoint(lost.position))

    def redrive_twice(self) -> None:
        """Let two operators bring back at once what was given up, while things still go wrong."""
        if self.workload.redrives:
            self.operator.redrive()
            self.operator.redrive()
            self.world.run_until_rest(self.actors)

    def sweep_in_trouble(self) -> None:
        """Let two sweepers work at once on what was left until now, while things still go wrong."""
        if self.sweeps.plan.at:
            self.world.tick(self.sweeps.plan.patience_seconds)
            self.sweeps.sweep()
            self.sweeps.sweep()
            self.world.run_until_rest(self.actors)

    def finish(self) -> None:
        """Let the operator do what is left to do, now that nothing goes wrong: all that was given up comes back."""
        workload = self.workload
        if workload.reread:
            for poller in self.pollers:
                poller.lose_checkpoint(0)
            self.world.run_until_rest(self.actors)
        self.world.tick(workload.days * DAY_SECONDS)
        self.operator.redrive()
        self.world.run_until_rest(self.actors)
        for queue in (self.memory.transforms, self.memory.compactions):
            queue.redrive()
        self.world.run_until_rest(self.actors)
        if workload.reprocessed_at_last:
            self.reprocess()
            self.world.run_until_rest(self.actors)
        self.memory.catalog.rewrites_due += 1
        self.world.run_until_rest(self.actors)
        self.world.tick(self.sweeps.plan.patience_seconds)
        self.sweeps.sweep()
        self.world.run_until_rest(self.actors)

    def reprocess(self) -> None:
        """Let newer code transform whatever is in the raw store once more."""
        self.memory.code += 1
        self.world.note("operator", "reprocesses", "")
        for key in self.memory.raw:
            if key.startswith("raw/"):
                self.memory.transforms.send(key, self.world.now, 0.0)

    def run_id(self) -> str:
        """A name that no other run has."""
        return str(next(self._runs))
