"""Runs one schedule: its faults, then until everything has come to rest, then once more over what was left."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from components.files.timing import SECONDS_PER_DAY
from simulation.aggregator import AggregatorActor
from simulation.consumer import ConsumerActor
from simulation.invariants import Violation
from simulation.plan import Chaos, Script
from simulation.reconciliation import ReconcilerActor, draw_losses, lose
from simulation.situation import Design, Situation
from simulation.workload import START, Workload, draw_workload
from simulation.world import World

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulation.faults import Decision, Point
    from simulation.reconciliation import Losses
    from simulation.world import Injected

# How often dead letters are sent back while things may still go wrong; after that, all goes well.
_REDRIVES: Final = 2

REAL: Final = Design()


@dataclass(frozen=True)
class Schedule:
    """What happens, and what goes wrong.

    Attributes:
        seed: of the choices that are no faults.
        workload: what lands.
        decisions: what goes wrong at which call.
    """

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


def run_seed(seed: int, design: Design = REAL, *, trace: bool = False) -> Outcome:
    """Draw a schedule from a seed as it runs."""
    chaos = Chaos(seed)
    return _run(Schedule(seed, draw_workload(seed), chaos.decisions), World(chaos, trace=trace), design)


def run_schedule(schedule: Schedule, design: Design = REAL, *, trace: bool = False) -> Outcome:
    """Run a schedule that is written down."""
    return _run(schedule, World(Script(schedule.decisions), trace=trace), design)


def _run(schedule: Schedule, world: World, design: Design) -> Outcome:
    situation = Situation(schedule.seed, schedule.workload, design, world)
    violation = None
    try:
        _play(situation)
    except Violation as found:
        violation = found
        world.note("", "", "", str(found))
    return Outcome(schedule, world.steps, world.crashes, violation, world.injected, world.trace or [])


def _play(situation: Situation) -> None:
    world, workload, queue = situation.world, situation.workload, situation.queue
    losses = draw_losses(situation.seed, workload)
    _land(situation, losses)
    aggregators = [AggregatorActor(f"aggregator-{number}", situation) for number in range(1, workload.aggregators + 1)]
    reconciler = ReconcilerActor("reconciliation", situation, losses)
    actors = [*aggregators, ConsumerActor("consumer", situation), reconciler]
    world.run_until_rest(actors)
    reconciler.settle(actors)
    for redrive in range(_REDRIVES + 1):
        if not queue.dead:
            break
        if redrive == _REDRIVES:
            world.heal()
        _let_days_pass(situation, workload.redrive_days)
        world.note("operator", "redrive", f"{len(queue.dead)} dead letters")
        queue.redrive(world.now)
        world.run_until_rest(actors)
    if workload.return_days is not None:
        world.heal()
        _let_days_pass(situation, workload.return_days)
        for announcement in workload.announcements:
            queue.send(announcement, world.now)
        world.run_until_rest(actors)
    reconciler.settle(actors)
    situation.memory.invariants.at_the_end(queue, situation.memory.landing.contents)


def _land(situation: Situation, losses: Losses) -> None:
    world, contents = situation.world, situation.memory.landing.contents
    for file in situation.workload.files.values():
        if file.available_after is not None:
            world.at(START + file.available_after, lambda file=file: contents.__setitem__(file.identity, file.content))
    lose(situation, losses)
    for announcement in situation.workload.announcements:
        if announcement.number in losses.events:
            continue
        due = START + announcement.after
        world.at(due, lambda sent=announcement, due=due: situation.queue.send(sent, due))


def _let_days_pass(situation: Situation, days: int) -> None:
    """Move the clock; what has reached the end of its life is deleted, from the table perhaps only much later."""
    world, memory = situation.world, situation.memory
    world.note("operator", "waits", f"{days} days")
    world.tick(days * SECONDS_PER_DAY)
    if world.now >= START + situation.workload.lives_days * SECONDS_PER_DAY:
        memory.landing.contents.clear()
    if situation.workload.prompt_ttl:
        for claim in [claim for claim in memory.table.claims.values() if claim.expires_at < world.now]:
            del memory.table.claims[claim.identity]
        for record in [record for record in memory.table.records.values() if record.expires_at < world.now]:
            del memory.table.records[record.bundle_id]
