"""Makes a failing schedule small: removes what is not needed for it to fail (delta debugging, Zeller 1999)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from simulation.schedule import Outcome, Schedule, run_schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from simulation.push import Parcelled, Push, Spell
    from simulation.situation import Design

T = TypeVar("T")


def shrink(failed: Outcome, design: Design) -> Outcome:
    """Return a schedule that does the same harm with fewer decisions and messages, run with its trace."""
    assert failed.violation is not None, "only a schedule that fails is shrunk"
    harm = failed.violation.harm

    def fails(schedule: Schedule) -> bool:
        violation = run_schedule(schedule, design).violation
        return violation is not None and violation.harm is harm

    schedule, before = failed.schedule, None
    # What was met is what counts: a decision that was drawn and not reached is none.
    met = {injected.point: injected.decision for injected in failed.injected}
    schedule = replace(schedule, decisions=met)
    while schedule != before:
        before = schedule
        for simpler in _simpler(schedule):
            if fails(simpler):
                schedule = simpler
                break
        schedule = _without_decisions(schedule, fails)
        schedule = _without_messages(schedule, fails)
        schedule = _without_parcels_and_spells(schedule, fails)
        schedule = _earlier(schedule, fails)
    return run_schedule(schedule, design, trace=True)


def _without_decisions(schedule: Schedule, fails: Callable[[Schedule], bool]) -> Schedule:
    kept = fewest(list(schedule.decisions.items()), lambda items: fails(replace(schedule, decisions=dict(items))))
    return replace(schedule, decisions=dict(kept))


def _without_messages(schedule: Schedule, fails: Callable[[Schedule], bool]) -> Schedule:
    def with_only(announcements: Sequence[object]) -> Schedule:
        workload = schedule.workload
        kept = tuple(message for message in workload.announcements if message in announcements)
        return replace(schedule, workload=replace(workload, announcements=kept))

    return with_only(fewest(schedule.workload.announcements, lambda kept: fails(with_only(kept))))


def _without_parcels_and_spells(schedule: Schedule, fails: Callable[[Schedule], bool]) -> Schedule:
    if schedule.push is None:
        return schedule

    def with_parcels(push: Push, parcels: Sequence[Parcelled]) -> Schedule:
        return replace(schedule, push=replace(push, parcels=tuple(parcels)))

    def with_spells(push: Push, spells: Sequence[Spell]) -> Schedule:
        return replace(schedule, push=replace(push, spells=tuple(spells)))

    push = schedule.push
    push = replace(push, parcels=tuple(fewest(push.parcels, lambda kept: fails(with_parcels(push, kept)))))
    # The last one stays: it says whether the receiver comes back.
    *early, last = push.spells
    early = fewest(early, lambda kept: fails(with_spells(push, (*kept, last))))
    return with_spells(push, (*early, last))


def _earlier(schedule: Schedule, fails: Callable[[Schedule], bool]) -> Schedule:
    """Let things go wrong at an earlier call of the same kind: then what led to the later one is not needed."""
    for point, decision in schedule.decisions.items():
        others = {other: kept for other, kept in schedule.decisions.items() if other != point}
        for number in range(1, point.number):
            moved = replace(schedule, decisions={point._replace(number=number): decision, **others})
            if len(moved.decisions) > len(others) and fails(moved):
                return moved
    return schedule


def _simpler(schedule: Schedule) -> Iterator[Schedule]:
    """The schedule with one thing less about its workload."""
    workload = schedule.workload
    if workload.return_days is not None:
        yield replace(schedule, workload=replace(workload, return_days=None))
    if workload.redrive_days:
        yield replace(schedule, workload=replace(workload, redrive_days=0))
    if workload.aggregators > 1:
        yield replace(schedule, workload=replace(workload, aggregators=workload.aggregators - 1))
    if schedule.push is not None:
        yield from (replace(schedule, push=push) for push in _simpler_push(schedule.push))


def _simpler_push(push: Push) -> Iterator[Push]:
    if push.couriers > 1:
        yield replace(push, couriers=push.couriers - 1)
    if push.parallel_sends > 1:
        yield replace(push, parallel_sends=push.parallel_sends - 1)
    for parcel in push.parcels:
        if parcel.replayed_after is not None:
            parcels = (replace(each, replayed_after=None) if each == parcel else each for each in push.parcels)
            yield replace(push, parcels=tuple(parcels))


def fewest(items: Sequence[T], fails: Callable[[Sequence[T]], bool]) -> Sequence[T]:
    """Remove ever smaller runs of items for as long as what is left still fails."""
    size = len(items)
    while size:
        start = 0
        while start < len(items):
            rest = [*items[:start], *items[start + size :]]
            if fails(rest):
                items = rest
            else:
                start += size
        size //= 2
    return items
