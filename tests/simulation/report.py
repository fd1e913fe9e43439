"""How a schedule reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from baler.files.claims.model import BundleRecord, Claim
from baler.files.claims.ports import InArchive
from simulation.faults import DURATIONS, Kind
from simulation.invariants import short

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulation.ingest_queue import Queued
    from simulation.schedule import Outcome
    from simulation.workload import Announcement, Workload
    from simulation.world import Injected


def describe(outcome: Outcome, drawn: int) -> str:
    """Tell what a schedule did: what broke, what went wrong before (of so many decisions drawn), and all calls."""
    return "\n".join(_lines(outcome, drawn))


def in_words(answer: object) -> str:
    """What a store answered, where that is more than that it did what it was asked for."""
    match answer:
        case Claim():
            return f"given back by {short(answer.bundle_id)}" if answer.is_given_back else short(answer.bundle_id)
        case BundleRecord():
            return answer.state
        case InArchive():
            return answer.name.lower()
        case False:
            return "no"
        case list():
            return ", ".join(_listed(item) for item in cast("list[Queued | str]", answer)) or "nothing"
        case _:
            return ""


def _listed(item: Queued | str) -> str:
    return short(item) if isinstance(item, str) else f"message {item.announcement.number}"


def _lines(outcome: Outcome, drawn: int) -> Iterator[str]:
    yield f"seed {outcome.schedule.seed}: {outcome.violation or 'all invariants hold'}"
    yield from _workload(outcome.schedule.workload)
    yield f"  what goes wrong ({len(outcome.injected)} of the {drawn} decisions of the seed):"
    yield from (_injected(injected) for injected in outcome.injected)
    yield "  what happens:"
    yield from outcome.trace


def _workload(workload: Workload) -> Iterator[str]:
    yield f"  aggregators: {workload.aggregators}, each receives {workload.batch} messages at most"
    for message in workload.announcements:
        yield f"  message {message.number} after {message.after:g} s: {_files(message)}"


def _files(message: Announcement) -> str:
    if not message.files:
        return "poison"
    return ", ".join(
        f"{file.key}@{file.version}{' (kills)' if file.kills else ''}"
        + ("" if file.available_after == 0 else f" (to be had after {file.available_after:g} s)")
        if file.available_after is not None
        else f"{file.key}@{file.version} (never to be had)"
        for file in message.files
    )


def _injected(injected: Injected) -> str:
    kind, seconds = injected.decision.kind, injected.decision.seconds
    what = f"{kind.value}, {seconds:g} s" if kind in DURATIONS or kind is Kind.PAUSE else kind.value
    call = f"{injected.name:<15}  {injected.subject}".rstrip()
    return f"{injected.after:10.2f} s  {injected.point.actor:<12}  {call}: {what}"
