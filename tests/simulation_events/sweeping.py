"""The sweeper, an execution environment of its function, and the stores as it sees them."""

from __future__ import annotations

import copy
import math
import random
from typing import TYPE_CHECKING, Final, NamedTuple

from simulation.actor import Actor
from simulation.workload import START

from baler.store_errors import Unavailable
from runtime.events.sweeper.ports import ObjectVersion, VersionedObject
from simulation_events.stores import short
from simulation_events.synthetic import numbers_in
from simulation_events.workload import STREAM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulation_events.situation import Situation
    from simulation_events.stores import Call, Memory

SWEEPER: Final = "sweeper"
"""What the names of its execution environments begin with."""
SWEEPER_CALLS: Final = ("raw.list", "raw.remove", "processed.list")
"""What nobody else calls."""

_TIMEOUT: Final = 60.0
_DIGITS: Final = 56


class SweepPlan(NamedTuple):
    """When sweeps are due, seconds from the start, and how old objects are to be then.

    The patience is far below the real one, so that what is safe is safe by the table and not by the clock. A sweep that
    lags is given a table as it is restored: as it was at half of that time.
    """

    at: tuple[float, ...]
    lagging: tuple[float, ...]
    patience_seconds: float


def draw_sweeps(seed: int) -> SweepPlan:
    """Draw a plan; in half of the schedules nobody sweeps before the end."""
    chance = random.Random(f"sweeps {seed}")  # noqa: S311 - a schedule, no secret
    if chance.random() < 0.5:
        return SweepPlan((), (), 0.0)
    longest = chance.choice([20.0, 120.0, 600.0])
    at = tuple(chance.uniform(1.0, longest) for _ in range(chance.choice([2, 6])))
    lagging = tuple(chance.uniform(1.0, longest) for _ in range(chance.choice([0, 2])))
    return SweepPlan(at, lagging, chance.choice([0.0, 5.0, 60.0]))


class RawVersions:
    """The raw store, by versions."""

    def __init__(self, call: Call, memory: Memory) -> None:
        self._call = call
        self._memory = memory

    def below(self, prefix: str) -> Iterator[VersionedObject]:
        """See the port."""
        versions = self._memory.versions
        listed = self._call(
            "raw.list", "", lambda: {key: versions[key] for key in sorted(versions) if key.startswith(prefix)}
        )
        for key, (number, written_at) in listed.items():
            yield VersionedObject(key, (ObjectVersion(str(number), written_at),))

    def read(self, key: str) -> bytes | None:
        """See the port."""
        return self._call("raw.get", short(key), lambda: self._memory.raw.get(key))

    def remove(self, key: str, version_id: str) -> None:
        """See the port."""

        def effect() -> None:
            memory = self._memory
            if str(memory.versions.get(key, (0, 0.0))[0]) == version_id:
                memory.invariants.before_removal(key, memory)
                del memory.raw[key], memory.versions[key]

        self._call("raw.remove", short(key), effect)


class ProcessedNames:
    """The processed store, by names; the simulation's transformer leaves the name as it is."""

    def __init__(self, call: Call, memory: Memory) -> None:
        self._call = call
        self._memory = memory

    def has(self, key: str) -> bool:
        """See the port."""
        raw_key = f"raw/{key.removeprefix('processed/')}"
        return self._call("processed.list", short(raw_key), lambda: raw_key in self._memory.processed)


class Sweeps:
    """The clock that invokes the sweeper."""

    def __init__(self, situation: Situation, plan: SweepPlan) -> None:
        self._memory = situation.memory
        self._world = situation.world
        self.plan = plan
        self.due: list[Memory] = []

    def schedule(self) -> None:
        """Let sweeps be due, each in its time."""
        for after in self.plan.at:
            self._world.at(START + after, self.sweep)
        for after in self.plan.lagging:
            restored: list[Memory] = []
            self._world.at(START + after / 2, lambda restored=restored: restored.append(_copy_of(self._memory)))
            self._world.at(START + after, lambda restored=restored: self.due.extend(restored))

    def sweep(self) -> None:
        """Let one be due, with the table as it is."""
        self.due.append(self._memory)


class SweeperActor(Actor):
    """An execution environment of the sweeper."""

    def __init__(self, name: str, sweeps: Sweeps, situation: Situation) -> None:
        super().__init__(name, situation.world)
        self._sweeps = sweeps
        self._situation = situation

    def ready_at(self) -> float | None:
        return self.world.now if self._sweeps.due else None

    def run(self) -> None:
        self.timed_out = False
        design, memory = self._situation.design, self._situation.memory
        sweeper = design.sweeper(
            table=design.coverage(self.call, self._sweeps.due.pop(0)),
            raw=RawVersions(self.call, memory),
            processed=ProcessedNames(self.call, memory),
            stream=STREAM,
            sequence_numbers=lambda body: [f"{number:0{_DIGITS}}" for number in numbers_in(body)],
            patience_seconds=self._sweeps.plan.patience_seconds,
            lifetime_seconds=math.inf,
        )
        self.deadline = self.world.now + _TIMEOUT
        try:
            sweeper.sweep("raw/", lambda: self.world.now, self.deadline)
        except Unavailable:
            pass  # the next sweep does what is left
        finally:
            self.deadline = None


def _copy_of(memory: Memory) -> Memory:
    """Return the protocol's table as it is now; everything else is shared."""
    restored = copy.copy(memory)
    restored.frontiers, restored.batches = dict(memory.frontiers), dict(memory.batches)
    restored.recovered = {shard: list(spans) for shard, spans in memory.recovered.items()}
    return restored
