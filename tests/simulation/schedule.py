"""Runs one schedule: its faults, then until everything has come to rest, then once more over what was left."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from components.files.timing import SECONDS_PER_DAY
from simulation.aggregator import AggregatorActor
from simulation.consumer import ConsumerActor
from simulation.faults import CALLS
from simulation.invariants import Violation
from simulation.plan import Chaos, Script
from simulation.push import Delivery, draw_delivery, draw_push
from simulation.reconciliation import ReconcilerActor, draw_losses, lose
from simulation.situation import Design, Situation
from simulation.workload import START, Workload, draw_workload
from simulation.world import World

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from simulation.actor import Actor
    from simulation.faults import Decision, Point
    from simulation.push import Push
    from simulation.pushing import Pushing
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
        push: what is pushed; None where the bundles are pulled.
        decisions: what goes wrong at which call.
    """

    seed: int
    workload: Workload
    push: Push | None
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
    workload, push = draw_workload(seed), None
    if (design.delivery or draw_delivery(seed)) is Delivery.PUSH:
        push = draw_push(seed)
        workload = replace(workload, announcements=()) if push.without_files else workload
    if push is not None and push.is_quiet:
        return run_schedule(Schedule(seed, workload, push, {}), design, trace=trace)
    chaos = Chaos(seed, CALLS[Delivery.PULL if push is None else Delivery.PUSH])
    return _run(Schedule(seed, workload, push, chaos.decisions), World(chaos, trace=trace), design)


def run_schedule(schedule: Schedule, design: Design = REAL, *, trace: bool = False) -> Outcome:
    """Run a schedule that is written down."""
    return _run(schedule, World(Script(schedule.decisions), trace=trace), design)


def _run(schedule: Schedule, world: World, design: Design) -> Outcome:
    situation = Situation(schedule.seed, schedule.workload, schedule.push, design, world)
    violation = None
    try:
        _play(situation)
    except Violation as found:
        violation = found
        world.note("", "", "", str(found))
    return Outcome(schedule, world.steps, world.crashes, violation, world.injected, world.trace or [])


def _play(situation: Situation) -> None:
    world, workload, queue, pushing = situation.world, situation.workload, situation.queue, situation.pushing
    losses = draw_losses(situation.seed, workload)
    _land(situation, losses)
    aggregators = [AggregatorActor(f"aggregator-{number}", situation) for number in range(1, workload.aggregators + 1)]
    reconciler = ReconcilerActor("reconciliation", situation, losses)
    takers = [ConsumerActor("consumer", situation)] if pushing is None else pushing.actors
    actors = [*aggregators, *takers, reconciler]
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
    contents = situation.memory.landing.contents
    if pushing is None:
        situation.memory.invariants.at_the_end(queue, contents)
        return
    _come_back(situation, pushing, actors)
    situation.memory.invariants.at_the_end(queue, contents, pushing.invariants.reaches_the_receiver)
    pushing.invariants.at_the_end()


def _come_back(situation: Situation, pushing: Pushing, actors: Sequence[Actor]) -> None:
    """Let a receiver that was away come back after days, and what was set aside be sent again."""
    world, receiver, days = situation.world, pushing.receiver, pushing.push.days_away
    if receiver.is_away_for_good and days is not None:
        world.heal()
        _let_days_pass(situation, days)
        world.note("operator", "mends", "the receiver")
        receiver.mend()
        pushing.doorbell.wake()
        world.run_until_rest(actors)
    if pushing.postbox.quarantine:
        world.note("operator", "redelivers", f"{len(pushing.postbox.quarantine)} bundles")
        receiver.lift()
        pushing.postbox.redeliver()
        world.run_until_rest(actors)
    if pushing.postbox and receiver.well_since is not None:
        # Whatever is left there holds up nobody.
        pushing.mail_a_good_one()
        world.run_until_rest(actors)


def _land(situation: Situation, losses: Losses) -> None:
    world, contents = situation.world, situation.memory.landing.contents
    for file in situation.workload.files.values():
        if file.available_after is not None:
            world.at(START + file.available_after, lambda file=file: contents.__setitem__(file.identity, file.content))
    lose(situation, losses)
    if situation.pushing is not None:
        situation.pushing.mail()
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
