"""Each way in which a pushed bundle can be lost, doubled, misjudged or stuck, or the receiver flooded, is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import pytest

from baler.files.courier.answer import Answer, Meaning
from baler.files.courier.breaker import Breaker, Cause, Phase
from baler.files.courier.delivery_record import DeliveryId, DeliveryRecord
from simulation.courier_stores import CourierTable
from simulation.delivery_invariants import CourierProcess
from simulation.invariants import Harm, Violation
from simulation.plan import Script
from simulation.push import Curse, Mood, Parcelled, Push, Spell
from simulation.situation import Design, Situation
from simulation.workload import START, Workload
from simulation.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

WORKLOAD = Workload(1, 1, 1000, (), 0, None, 7, prompt_ttl=False)
PUSH = Push(
    couriers=2,
    timeout=900.0,
    parallel_sends=1,
    failures_to_open=2,
    refusal_tries=1,
    probe_interval=30.0,
    bell_delay=None,
    tick_after=1.0,
    parcels=tuple(Parcelled(number, 0.0, Curse.NONE, None) for number in range(3)),
    spells=(Spell(0.0, Mood.WELL),),
    days_away=None,
    without_files=True,
    is_quiet=True,
)
ACCEPTED = Answer(Meaning.ACCEPTED, "200", 200)
REFUSED = Answer(Meaning.REFUSED, "422", 422)
TIMEOUT = Answer(Meaning.UNREACHABLE, "timeout")
LOCKED = Answer(Meaning.UNAUTHORIZED, "401", 401)
OPEN = Breaker(Phase.OPEN, Cause.UNREACHABLE, "timeout", opened_at=START, probe_at=START + 30)
PROBING = Breaker(Phase.HALF_OPEN, Cause.UNREACHABLE, "timeout", opened_at=START, probe_at=START + 30)


class Watched:
    """Three bundles in the mailbox, a courier that holds the lease, and the invariants that watch them."""

    def __init__(self) -> None:
        self.world = World(Script({}), trace=False)
        pushing = Situation(0, WORKLOAD, PUSH, Design(), self.world).pushing
        assert pushing is not None
        pushing.mail()
        self.world.tick(0.0)
        self.pushing, self.invariants, self.memory = pushing, pushing.invariants, pushing.table
        self.one, self.two, self.three = (DeliveryId(bundle_id) for bundle_id in sorted(pushing.postbox))
        self.process, self.table = self.courier("one")

    def courier(self, owner: str) -> tuple[CourierProcess, CourierTable]:
        process = CourierProcess(owner)
        table = CourierTable(plain, process, self.pushing)
        self.lease = table.acquire(owner, self.world.now)
        return process, table

    def save(self, breaker: Breaker) -> None:
        assert self.lease is not None
        self.table.save(self.lease, breaker)

    def send(self, delivery: DeliveryId, answer: Answer) -> None:
        self.invariants.begin_send(self.process, delivery)
        self.process.sending -= 1
        self.invariants.answered(self.process, delivery, answer)

    def deliver(self, delivery: DeliveryId) -> str:
        stored = self.pushing.postbox[delivery.bundle_id]
        self.pushing.receiver.post(delivery, stored.sha256, stored.body)
        return stored.sha256

    def note_receipt(self, delivery: DeliveryId, sha256: str) -> None:
        self.table.note(DeliveryRecord(delivery, 1, sha256=sha256, status=200, delivered_at=self.world.now))

    def set_aside(self, delivery: DeliveryId, reason: str = "422") -> None:
        self.invariants.before_setting_aside(delivery, reason)


def plain(_name: str, _subject: str, effect: Callable[[], T]) -> T:
    return effect()


@pytest.fixture
def watched() -> Watched:
    return Watched()


def violated(harm: Harm, what: str) -> pytest.RaisesExc[Violation]:
    return pytest.RaisesExc(Violation, match=f"{harm}: .*{what}")


def test_bundles_that_went_their_way_violate_nothing(watched: Watched) -> None:
    for delivery in (watched.one, watched.two, watched.three):
        watched.send(delivery, ACCEPTED)
        watched.note_receipt(delivery, watched.deliver(delivery))
        watched.invariants.before_removal(delivery)
        del watched.pushing.postbox[delivery.bundle_id]
    watched.invariants.look()
    watched.invariants.at_the_end()


def test_a_receipt_of_what_was_never_acknowledged(watched: Watched) -> None:
    with violated(Harm.LOST, "never acknowledged"):
        watched.note_receipt(watched.one, "0" * 64)
    watched.deliver(watched.one)
    with violated(Harm.DAMAGED, "another hash"):
        watched.note_receipt(watched.one, "0" * 64)


def test_a_bundle_removed_before_its_receipt_or_without_being_kept(watched: Watched) -> None:
    with violated(Harm.LOST, "before its receipt"):
        watched.invariants.before_removal(watched.one)
    watched.note_receipt(watched.one, watched.deliver(watched.one))
    watched.pushing.receiver.kept.clear()
    with violated(Harm.LOST, "not kept it"):
        watched.invariants.before_removal(watched.one)
    with violated(Harm.LOST, "never kept"):
        watched.pushing.postbox.clear()
        watched.invariants.at_the_end()


def test_a_bundle_kept_under_an_id_of_its_own_or_with_other_bytes(watched: Watched) -> None:
    with violated(Harm.DUPLICATED, "never mailed under that id"):
        watched.invariants.before_keeping(DeliveryId(watched.one.bundle_id, "replay"), b"bundle 0")
    with violated(Harm.DAMAGED, "other bytes"):
        watched.invariants.before_keeping(watched.one, b"other")


def test_two_probes_in_an_interval(watched: Watched) -> None:
    watched.save(OPEN)
    watched.save(PROBING)
    watched.send(watched.one, TIMEOUT)
    watched.world.tick(29.0)
    watched.save(PROBING)
    with violated(Harm.FLOODED, "two probes in 29"):
        watched.send(watched.one, TIMEOUT)


def test_a_send_that_is_no_probe_while_it_is_open(watched: Watched) -> None:
    watched.save(OPEN)
    with violated(Harm.FLOODED, "while the breaker is open"):
        watched.send(watched.one, TIMEOUT)


def test_a_probe_before_the_receiver_wants_one(watched: Watched) -> None:
    watched.send(watched.one, Answer(Meaning.BUSY, "503", 503, 90.0))
    watched.save(OPEN)
    watched.world.tick(60.0)
    watched.save(PROBING)
    with violated(Harm.FLOODED, "a probe 30.0 s before"):
        watched.send(watched.one, TIMEOUT)


def test_a_send_under_a_lease_that_is_anothers(watched: Watched) -> None:
    watched.world.tick(31.0)
    watched.courier("two")
    with violated(Harm.FLOODED, "under a lease that is another's"):
        watched.send(watched.one, ACCEPTED)


def test_a_courier_that_was_held_up_before_it_sends_cannot_know(watched: Watched) -> None:
    watched.invariants.disturbed(watched.process, 31.0)
    watched.world.tick(31.0)
    watched.courier("two")
    watched.send(watched.one, ACCEPTED)


def test_more_sends_than_the_stack_allows(watched: Watched) -> None:
    watched.invariants.begin_send(watched.process, watched.one)
    with violated(Harm.FLOODED, "2 sends out"):
        watched.invariants.begin_send(watched.process, watched.two)


@pytest.mark.parametrize("answer", [TIMEOUT, REFUSED])
def test_a_breaker_that_does_not_open(watched: Watched, answer: Answer) -> None:
    watched.send(watched.one, answer)
    watched.send(watched.two, answer)
    with violated(Harm.FLOODED, "is sent after 2 failures" if answer is TIMEOUT else "2 bundles refused in a row"):
        watched.send(watched.three, answer)


def test_a_breaker_that_closes_without_an_acceptance(watched: Watched) -> None:
    watched.send(watched.one, LOCKED)
    watched.save(OPEN)
    with violated(Harm.MISJUDGED, "closes without an acceptance"):
        watched.save(Breaker())


def test_a_state_that_is_stored_under_anothers_lease(watched: Watched) -> None:
    assert watched.lease is not None
    watched.memory.generation += 1
    with violated(Harm.MISJUDGED, "under another's lease"):
        watched.invariants.before_saving(watched.lease)


def test_a_bundle_set_aside_for_no_reason_or_too_early(watched: Watched) -> None:
    with violated(Harm.MISJUDGED, "without a reason"):
        watched.set_aside(watched.one, "")
    with violated(Harm.MISJUDGED, "after 0 refusals"):
        watched.set_aside(watched.one)
    watched.send(watched.one, REFUSED)
    watched.save(OPEN)
    with violated(Harm.MISJUDGED, "while the breaker is open"):
        watched.set_aside(watched.one)


def test_bundles_set_aside_while_none_is_accepted(watched: Watched) -> None:
    watched.send(watched.one, REFUSED)
    watched.set_aside(watched.one)
    watched.send(watched.two, REFUSED)
    with violated(Harm.MISJUDGED, "2 bundles are set aside without an acceptance"):
        watched.set_aside(watched.two)


def test_a_bundle_that_waits_although_all_is_well(watched: Watched) -> None:
    watched.world.tick(140.0)
    watched.invariants.look()
    watched.world.tick(20.0)
    with violated(Harm.STUCK, "waits 160 s"):
        watched.invariants.look()


def test_a_breaker_that_stays_open_although_all_is_well(watched: Watched) -> None:
    watched.save(OPEN)
    watched.world.tick(60.0)
    watched.invariants.look()
    watched.world.tick(10.0)
    with violated(Harm.STUCK, "still open, 70 s"):
        watched.invariants.look()


def test_a_bundle_that_is_left_in_the_mailbox(watched: Watched) -> None:
    with violated(Harm.LOST, "left in the mailbox"):
        watched.invariants.at_the_end()
