"""Runs one schedule: its faults, then until everything has come to rest; and makes a failing one small."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from simulation.invariants import Violation
from simulation.plan import MOST_FAULTS, MOST_PREFERRED, Chaos, Script
from simulation.shrink import fewest
from simulation.world import World
from typing_extensions import override

from simulation_events.faults import POSSIBLE
from simulation_events.situation import Design, Situation
from simulation_events.sweeping import SWEEPER, SWEEPER_CALLS
from simulation_events.workload import Workload, draw_workload

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from simulation.faults import Decision, Point
    from simulation.world import Injected

REAL: Final = Design()

# Two functions more than the files have, and the way back of what was given up: faults are to be left for those.
_MOST_FAULTS: Final = 2 * MOST_FAULTS
_MOST_PREFERRED: Final = 2 * MOST_PREFERRED

_SIMPLER: Final[tuple[dict[str, object], ...]] = (
    {"readers": 1},
    {"reread": False},
    {"foreign": ()},
    {"redrives": ()},
    {"replays": ()},
    {"rewritten_at": frozenset()},
    {"reprocessed": ()},
    {"reprocessed_at_last": False},
    {"days": 0},
    {"idle_seconds": 0.0},
    {"oldest_seconds": math.inf},
)
"""Parts of a workload that may not be needed for it to fail."""


@dataclass(frozen=True)
class Schedule:
    """What happens, and what goes wrong at which call."""

    seed: int
    workload: Workload
    decisions: Mapping[Point, Decision]


@dataclass(frozen=True)
class Outcome:
    """What a schedule led to.

    Attributes:
        schedule: what ran, with the decisions that were drawn.
        steps, crashes: calls made, processes that died.
        violation: the invariant that was broken first; None if all held.
        injected: what went wrong, in order.
        trace: a line for each thing that happened; empty unless asked for.
    """

    schedule: Schedule
    steps: int
    crashes: int
    violation: Violation | None
    injected: list[Injected] = field(repr=False)
    trace: list[str] = field(repr=False)


class _Chaos(Chaos):
    """Draws for sweepers apart: they come when most of what goes wrong elsewhere has gone wrong."""

    def __init__(self, seed: int) -> None:
        others = tuple(name for name in POSSIBLE if name not in SWEEPER_CALLS)
        super().__init__(seed, others, POSSIBLE, _MOST_FAULTS, _MOST_PREFERRED)
        self._of_sweepers = Chaos(-seed - 1, SWEEPER_CALLS, POSSIBLE, MOST_FAULTS, len(SWEEPER_CALLS))
        self._of_sweepers.decisions = self.decisions

    @override
    def decide(self, point: Point, name: str) -> Decision | None:
        if point.actor.startswith(SWEEPER):
            return self._of_sweepers.decide(point, name)
        return super().decide(point, name)


def run_seed(seed: int, design: Design = REAL, *, trace: bool = False) -> Outcome:
    """Draw a schedule from a seed as it runs."""
    chaos = _Chaos(seed)
    return _run(Schedule(seed, draw_workload(seed), chaos.decisions), World(chaos, trace=trace), design)


def run_schedule(schedule: Schedule, design: Design = REAL, *, trace: bool = False) -> Outcome:
    """Run a schedule that is written down."""
    return _run(schedule, World(Script(schedule.decisions), trace=trace), design)


def shrink(failed: Outcome, design: Design) -> Outcome:
    """Return a schedule that does the same harm with fewer decisions and records, run with its trace."""
    assert failed.violation is not None, "only a schedule that fails is shrunk"
    harm = failed.violation.harm

    def fails(schedule: Schedule) -> bool:
        violation = run_schedule(schedule, design).violation
        return violation is not None and violation.harm is harm

    met = {injected.point: injected.decision for injected in failed.injected}
    schedule, before = replace(failed.schedule, decisions=met), None
    while schedule != before:
        before = schedule
        schedule = _smaller(schedule, fails)
    return run_schedule(schedule, design, trace=True)


def _smaller(schedule: Schedule, fails: Callable[[Schedule], bool]) -> Schedule:
    def with_workload(**changes: object) -> Schedule:
        return replace(schedule, workload=replace(schedule.workload, **changes))

    decisions = fewest(list(schedule.decisions.items()), lambda kept: fails(replace(schedule, decisions=dict(kept))))
    schedule = replace(schedule, decisions=dict(decisions))
    records = fewest(schedule.workload.records, lambda kept: bool(kept) and fails(with_workload(records=tuple(kept))))
    schedule = with_workload(records=tuple(records))
    lost = fewest(schedule.workload.lost, lambda kept: fails(with_workload(lost=tuple(kept))))
    schedule = with_workload(lost=tuple(lost))
    for simpler in _SIMPLER:
        if fails(with_workload(**simpler)):
            schedule = with_workload(**simpler)
    return schedule


def _run(schedule: Schedule, world: World, design: Design) -> Outcome:
    situation = Situation(schedule.seed, schedule.workload, design, world)
    violation = None
    try:
        situation.disturb()
        world.run_until_rest(situation.actors)
        situation.redrive_twice()
        situation.sweep_in_trouble()
        world.heal()
        situation.finish()
        situation.memory.invariants.at_the_end(situation.memory, names_alone=design.names_alone)
    except Violation as found:
        violation = found
        world.note("", "", "", str(found))
    return Outcome(schedule, world.steps, world.crashes, violation, world.injected, world.trace or [])
