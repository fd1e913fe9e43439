"""How a schedule reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from baler.files.claims.model import BundleRecord, Claim
from baler.files.claims.ports import InArchive
from baler.files.courier.delivery_record import DeliveryRecord
from baler.files.courier.lease import FencedError, Lease
from runtime.files.courier.ports import WaitingBundle
from simulation.faults import DURATIONS, Kind
from simulation.invariants import short
from simulation.push import FIRST_NUMBER
from simulation.receiver import Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from simulation.ingest_queue import Queued
    from simulation.push import Push
    from simulation.schedule import Outcome
    from simulation.workload import Announcement, Workload
    from simulation.world import Injected


def describe(outcome: Outcome, drawn: int) -> str:
    """Tell what a schedule did: what broke, what went wrong before (of so many decisions drawn), and all calls."""
    return "\n".join(_lines(outcome, drawn))


def in_words(answer: object) -> str:
    """What a store answered, where that is more than that it did what it was asked for."""
    if answer is False:
        return "no"
    words = _WORDS.get(type(answer))
    return "" if words is None else words(answer)


def _listed(item: Queued | WaitingBundle | str) -> str:
    if isinstance(item, WaitingBundle):
        return short(item.bundle_id)
    return short(item) if isinstance(item, str) else f"message {item.announcement.number}"


def _lines(outcome: Outcome, drawn: int) -> Iterator[str]:
    yield f"seed {outcome.schedule.seed}: {outcome.violation or 'all invariants hold'}"
    yield from _workload(outcome.schedule.workload)
    if outcome.schedule.push is not None:
        yield from _push(outcome.schedule.push)
    yield f"  what goes wrong ({len(outcome.injected)} of the {drawn} decisions of the seed):"
    yield from (injected_line(injected) for injected in outcome.injected)
    yield "  what happens:"
    yield from outcome.trace


def _workload(workload: Workload) -> Iterator[str]:
    yield f"  aggregators: {workload.aggregators}, each receives {workload.batch} messages at most"
    for message in workload.announcements:
        yield f"  message {message.number} after {message.after:g} s: {_files(message)}"


def _push(push: Push) -> Iterator[str]:
    yield (
        f"  couriers: {push.couriers}, {push.parallel_sends} sends beside each other, {push.failures_to_open} failures "
        f"open, a probe each {push.probe_interval:g} s, set aside after {push.refusal_tries} refusals"
    )
    for parcel in push.parcels:
        replay = "" if parcel.replayed_after is None else f", replayed {parcel.replayed_after:g} s later"
        yield f"  bundle {FIRST_NUMBER + parcel.number} after {parcel.after:g} s {parcel.curse.value}".rstrip() + replay
    for spell in push.spells:
        yield f"  receiver after {spell.after:g} s: {spell.mood.value} ({spell.status})"


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


def injected_line(injected: Injected) -> str:
    """Tell one thing that went wrong: when, at whose call, how."""
    kind, seconds = injected.decision.kind, injected.decision.seconds
    what = f"{kind.value}, {seconds:g} s" if kind in DURATIONS or kind is Kind.PAUSE else kind.value
    call = f"{injected.name:<15}  {injected.subject}".rstrip()
    return f"{injected.after:10.2f} s  {injected.point.actor:<12}  {call}: {what}"


def _of_claim(claim: Claim) -> str:
    return f"given back by {short(claim.bundle_id)}" if claim.is_given_back else short(claim.bundle_id)


def _of_list(items: list[Queued | WaitingBundle | str]) -> str:
    return ", ".join(_listed(item) for item in items) or "nothing"


def _of_reply(reply: Reply) -> str:
    return "no answer" if reply.status is None else str(reply.status or "connection refused")


def _of_record(record: DeliveryRecord) -> str:
    return "receipt" if record.is_receipt else f"{record.refusals} refusals"


_WORDS: Final[dict[type, Callable[[Any], str]]] = {
    Claim: _of_claim,
    BundleRecord: lambda record: record.state,
    InArchive: lambda found: found.name.lower(),
    list: _of_list,
    Lease: lambda lease: f"generation {lease.generation}",
    Reply: _of_reply,
    DeliveryRecord: _of_record,
    FencedError: lambda _: "fenced",
}
