"""The courier's run: what it sends, in what order, and what it leaves behind."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from harness.courier import (
    ACCEPTED,
    BUSY,
    MISPLACED,
    NOW,
    REFUSED,
    TIMEOUT,
    UNAUTHORIZED,
    CourierWorld,
    Stored,
    with_limits,
)

from baler.files.courier.breaker import Breaker, Cause, Phase
from baler.store_errors import Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from baler.files.courier.answer import Answer
    from runtime.files.courier.ports import Parcel


@pytest.fixture
def world() -> CourierWorld:
    return CourierWorld()


def one_by_one(*answers: Answer) -> Callable[[Parcel], Answer]:
    """Answer the sends in turn; the last answer stays."""
    left: Iterator[Answer] = iter(answers)
    last = answers[-1]
    return lambda _: next(left, last)


def refusing(*bundle_ids: str, answer: Answer = REFUSED) -> Callable[[Parcel], Answer]:
    """Refuse some bundles and accept all others."""
    return lambda parcel: answer if parcel.delivery.bundle_id in bundle_ids else ACCEPTED


def names(*bundle_ids: str, replay_id: str = "") -> list[str]:
    return [f"{bundle_id}#{replay_id}" for bundle_id in bundle_ids]


# All goes well


@pytest.mark.requirement("PUSH-REQ-04", "PUSH-ARCH-02", "PUSH-PLAN-02")
def test_what_waits_is_delivered_oldest_first_and_each_has_its_receipt_and_is_removed(world: CourierWorld) -> None:
    waiting = world.put(7)
    report = world.run()
    assert world.received == names(*waiting)
    assert world.receipts() == names(*waiting)
    assert not world.objects
    assert [done.delivery.bundle_id for done in report.delivered] == waiting
    assert report.held
    assert report.failure is None
    assert world.closed == world.calls.count("open")


def test_a_receipt_says_what_was_delivered_when_and_how(world: CourierWorld) -> None:
    [bundle_id] = world.put()
    sha256 = world.objects[bundle_id].sha256
    world.run()
    receipt = world.records[f"{bundle_id}#"]
    assert (receipt.attempts, receipt.sha256, receipt.status, receipt.delivered_at) == (1, sha256, 200, NOW)


def test_an_empty_mailbox_costs_one_listing_and_the_lease(world: CourierWorld) -> None:
    report = world.run()
    assert world.calls == ["acquire", "list", "release"]
    assert report.breaker == Breaker()
    assert world.lease_until == 0


def test_the_lease_is_proved_before_each_send_each_receipt_and_each_removal(world: CourierWorld) -> None:
    world.put()
    world.run()
    steps = [name for name in world.calls if name != "read"]
    assert steps[:9] == ["acquire", "list", "open", "record", "renew", "send", "renew", "note", "renew"]
    assert steps[9] == "remove"


@pytest.mark.requirement("PUSH-E2E-05", "PUSH-PLAN-06")
def test_a_replay_is_another_delivery_though_its_bundle_was_delivered_before(world: CourierWorld) -> None:
    [bundle_id] = world.put()
    body = world.objects[bundle_id].body
    world.run()
    world.objects[bundle_id] = Stored(body, world.now, "replay-1")
    report = world.run()
    assert world.received == names(bundle_id) + names(bundle_id, replay_id="replay-1")
    assert world.receipts() == sorted(world.received)
    assert report.delivered[0].latency_seconds is None


def test_a_bundle_that_has_its_receipt_is_removed_and_not_sent_again(world: CourierWorld) -> None:
    [bundle_id] = world.put()
    before = world.objects[bundle_id]
    world.run()
    world.objects[bundle_id] = before
    report = world.run()
    assert world.received == names(bundle_id)
    assert report.removed == (bundle_id,)
    assert not world.objects


@pytest.mark.requirement("PUSH-NFR-02", "PUSH-SUM-01")
def test_latency_is_measured_from_the_oldest_file_to_the_acknowledgement(world: CourierWorld) -> None:
    world.put()

    def slow(_: Parcel) -> Answer:
        world.now += 5
        return ACCEPTED

    world.answers = slow
    assert world.run().delivered[0].latency_seconds == 15


def test_parallel_sends_grow_with_acceptances_up_to_the_setting(world: CourierWorld) -> None:
    world.put(12)
    rounds: list[int] = []

    class Crew:
        def together(self, sends: list[Callable[[], object]], meanwhile: Callable[[], None]) -> list[object]:  # noqa: ARG002
            rounds.append(len(sends))
            return [send() for send in sends]

    courier = world.courier()
    courier._crew = Crew()  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue]
    courier.run(world.now + 900)
    assert rounds == [1, 2, 4, 4, 1]


# Bells and leases


def test_a_courier_that_finds_another_at_work_rings_and_ends_and_knows_the_breaker(world: CourierWorld) -> None:
    world.put()
    world.owner, world.generation, world.lease_until = "another", 1, NOW + 30
    world.breaker = Breaker(Phase.OPEN, Cause.UNREACHABLE, "503", opened_at=NOW - 60, probe_at=NOW + 5)
    report = world.run()
    assert world.calls == ["acquire", "ring", "acquire"]
    assert not report.held
    assert report.breaker == world.breaker
    assert world.bells == 1


def test_a_bell_is_not_lost_between_a_release_and_a_ring(world: CourierWorld) -> None:
    world.put()
    world.owner, world.generation, world.lease_until = "another", 1, NOW + 30

    def release_after_first(number: int, _name: str, after: bool) -> None:  # noqa: FBT001 - the hook's
        if (number, after) == (0, True):
            world.lease_until = 0

    world.spoil = release_after_first
    assert world.run().held
    assert not world.objects


def test_a_bell_that_rings_while_it_is_at_work_makes_it_look_once_more(world: CourierWorld) -> None:
    world.put()

    def ring_before_release(number: int, name: str, after: bool) -> None:  # noqa: ARG001, FBT001 - the hook's
        if name == "release" and not after and world.bells == 0:
            world.bells += 1
            world.put()

    world.spoil = ring_before_release
    world.run()
    assert len(world.received) == 2
    assert world.calls.count("list") == 2
    assert world.lease_until == 0


def test_a_bell_that_a_renewal_in_between_has_seen_still_makes_it_look_once_more() -> None:
    world = CourierWorld(limits=with_limits(refusal_tries=1))
    [poison] = world.put()
    world.answers = refusing(poison)

    def ring_before_setting_aside(_number: int, name: str, after: bool) -> None:  # noqa: FBT001 - the hook's
        if name == "note" and not after and world.bells == 0:
            world.bells += 1
            world.put()

    world.spoil = ring_before_setting_aside
    world.run()
    assert list(world.quarantine) == [poison]
    assert len(world.received) == 1
    assert not world.objects


def test_a_lease_whose_holder_died_is_free_when_it_has_run_out(world: CourierWorld) -> None:
    world.put()
    world.owner, world.generation, world.lease_until = "dead", 1, NOW + 30
    assert not world.run().held
    world.now += 31
    assert world.run().held
    assert world.generation == 2
    assert not world.objects


def test_while_it_waits_it_keeps_the_lease(world: CourierWorld) -> None:
    world.put()
    world.answers = one_by_one(replace(BUSY, retry_after_seconds=95), ACCEPTED)
    lapsed: list[bool] = []
    pause = world.pause
    world.pause = lambda seconds: (pause(seconds), lapsed.append(world.now >= world.lease_until))[0]  # pyright: ignore[reportAttributeAccessIssue]
    world.run()
    assert not any(lapsed)
    assert sum(world.pauses) == 95
    assert not world.objects


# The breaker


@pytest.mark.requirement("PUSH-E2E-02", "PUSH-NFR-08", "PUSH-AVAIL-02")
@pytest.mark.parametrize("failure", [TIMEOUT, BUSY, MISPLACED])
def test_failures_in_a_row_open_the_breaker_and_one_probe_an_interval_follows(
    world: CourierWorld, failure: Answer
) -> None:
    world.put(20)
    world.answers = lambda _: failure
    report = world.run()
    assert world.calls.count("send") == 3 + 1  # the ones that opened it, and a probe when it was due
    assert world.breaker.phase is Phase.OPEN
    assert [change.after.cause for change in report.changes] == [world.breaker.cause]
    for _ in range(5):
        world.now = max(world.now, NOW) + 60
        before = world.calls.count("send")
        world.run()
        assert world.calls.count("send") == before + 1
    assert len(world.objects) == 20


def test_probes_are_never_nearer_than_the_interval_however_often_the_bell_rings(world: CourierWorld) -> None:
    world.put(20)
    sent_at: list[float] = []

    def answer(_: Parcel) -> Answer:
        sent_at.append(world.now)
        return TIMEOUT

    world.answers = answer
    for _ in range(100):
        world.run()
        world.now += 3
    probes = sent_at[3:]
    assert all(later - earlier >= 30 for earlier, later in pairwise(probes))
    assert len(probes) > 5


def test_the_probe_is_another_bundle_each_time(world: CourierWorld) -> None:
    waiting = world.put(12)
    sent: list[str] = []

    def answer(parcel: Parcel) -> Answer:
        sent.append(parcel.delivery.bundle_id)
        return TIMEOUT

    world.answers = answer
    for _ in range(14):
        world.run()
        world.now += 60
    assert sent[3:] == [*waiting, *waiting[:2]]


@pytest.mark.requirement("PUSH-E2E-02", "PUSH-NFR-08", "PUSH-AVAIL-02")
def test_a_probe_that_is_accepted_closes_it_and_the_rest_follows_in_the_same_run(world: CourierWorld) -> None:
    waiting = world.put(30)
    world.answers = lambda _: TIMEOUT
    world.run()
    world.now += 3600
    world.answers = lambda _: ACCEPTED
    report = world.run()
    assert not world.objects
    assert sorted(world.received) == names(*waiting)
    assert world.breaker == Breaker()
    assert report.changes[-1].after.closed


@pytest.mark.requirement("PUSH-E2E-02", "PUSH-AVAIL-02")
def test_a_lost_probe_costs_one_interval(world: CourierWorld) -> None:
    world.put(3)
    world.breaker = Breaker(Phase.HALF_OPEN, Cause.UNREACHABLE, "timeout", opened_at=NOW - 90, probe_at=NOW + 20)
    world.run()
    assert world.pauses == [10, 10]
    assert not world.objects


def test_a_bell_that_rings_while_a_probe_hangs_is_heard(world: CourierWorld) -> None:
    world.put()
    world.breaker = Breaker(Phase.OPEN, Cause.UNREACHABLE, "timeout", opened_at=NOW - 90, probe_at=NOW)

    def hang_once(_: Parcel) -> Answer:
        if world.calls.count("send") > 1:
            return ACCEPTED
        world.now += 30
        world.bells += 1
        return TIMEOUT

    world.answers = hang_once
    world.run()
    assert not world.objects


def test_what_was_refused_while_everything_was_is_probed_in_turn_and_sent_in_the_run_that_finds_the_receiver_well(
    world: CourierWorld,
) -> None:
    waiting = world.put(5)
    sent: list[str] = []

    def refuse_at_first(parcel: Parcel) -> Answer:
        sent.append(parcel.delivery.bundle_id)
        world.bells += 1
        return REFUSED if len(sent) <= 10 else ACCEPTED

    world.answers = refuse_at_first
    world.run()
    assert sent[3:10] == [*waiting, *waiting[:2]]
    assert not world.objects
    assert not world.quarantine


def test_a_pause_that_the_receiver_asked_for_beyond_an_interval_is_left_to_another_run(world: CourierWorld) -> None:
    world.put()
    world.breaker = Breaker(Phase.OPEN, Cause.UNREACHABLE, "503", opened_at=NOW - 90, probe_at=NOW + 200)
    world.run()
    assert "send" not in world.calls
    assert not world.pauses
    assert world.lease_until == 0
    world.now += 200
    world.run()
    assert not world.objects


def test_a_refused_probe_closes_what_opened_because_nobody_answered(world: CourierWorld) -> None:
    poison, *others = world.put(4)
    world.breaker = Breaker(Phase.OPEN, Cause.UNREACHABLE, "timeout", opened_at=NOW - 90, probe_at=NOW)
    world.answers = refusing(poison)
    world.run()
    assert world.breaker.closed
    assert sorted(world.received) == names(*others)
    assert list(world.objects) == [poison]
    assert world.records[f"{poison}#"].refusals == 1


def test_one_bundle_at_which_the_receiver_fails_holds_up_no_other(world: CourierWorld) -> None:
    poison, *others = world.put(30)
    world.answers = refusing(poison, answer=TIMEOUT)
    world.run()
    assert sorted(world.received) == names(*others)
    assert list(world.objects) == [poison]


def test_bad_credentials_are_tried_once_and_then_once_an_interval(world: CourierWorld) -> None:
    world.put(20)
    world.answers = lambda _: UNAUTHORIZED
    world.run()
    assert world.calls.count("send") == 2
    assert world.breaker.cause is Cause.CREDENTIALS
    assert not world.records


def test_a_receiver_that_is_back_gets_one_bundle_first_and_then_more_and_more(world: CourierWorld) -> None:
    world.put(10)
    world.answers = one_by_one(TIMEOUT, TIMEOUT, TIMEOUT, ACCEPTED)
    world.run()
    assert not world.objects
    assert world.breaker == Breaker()


def test_the_breaker_is_written_only_where_it_changed(world: CourierWorld) -> None:
    world.put(10)
    world.run()
    assert "save" not in world.calls


def test_failures_while_it_is_closed_are_counted_from_run_to_run(world: CourierWorld) -> None:
    world.put()
    world.answers = lambda _: TIMEOUT
    for failures in (1, 2):
        world.run(seconds=55.5)  # no time for a second try
        assert world.breaker.failures == failures
        assert world.breaker.closed
    world.run(seconds=55.5)
    assert world.breaker.cause is Cause.UNREACHABLE


# What is said of one bundle alone


@pytest.mark.parametrize("answer", [UNAUTHORIZED, replace(UNAUTHORIZED, reason="403", status=403), MISPLACED])
def test_a_bundle_that_alone_is_answered_as_all_would_be_holds_up_no_other_and_is_set_aside(
    world: CourierWorld, answer: Answer
) -> None:
    [poison] = world.put()
    world.answers = refusing(poison, answer=answer)
    delivered: list[int] = []
    for _ in range(8):
        world.put(5)
        world.run()
        delivered.append(len(world.received))
        world.now += 60
    # Only the first time does it open the breaker: after that all others pass in each run.
    assert delivered[2:] == [5 * run for run in range(3, 9)]
    assert not world.objects
    assert world.reasons == {poison: answer.reason}
    assert world.breaker.closed


def test_what_is_said_of_one_bundle_alone_is_counted_once_for_each_time_that_others_pass(world: CourierWorld) -> None:
    [poison] = world.put()
    world.answers = refusing(poison, answer=UNAUTHORIZED)
    world.put()
    for _ in range(20):
        world.run()
        world.now += 60
    # Nothing else came, so it may be said of all.
    assert list(world.objects) == [poison]
    assert world.records[f"{poison}#"].refusals == 1
    assert world.breaker.cause is Cause.CREDENTIALS


@pytest.mark.parametrize("answer", [UNAUTHORIZED, MISPLACED])
def test_the_bundles_of_an_outage_are_set_aside_for_nothing_when_it_comes_again(
    world: CourierWorld, answer: Answer
) -> None:
    waiting = world.put(30)
    for _ in range(6):
        world.answers = lambda _: answer
        for _ in range(20):
            world.run(seconds=120)
            world.now += 60
        world.answers = one_by_one(ACCEPTED, answer)
        for _ in range(3):
            world.run(seconds=120)
            world.now += 60
    assert not world.quarantine
    world.answers = lambda _: ACCEPTED
    for _ in range(3):
        world.run()
        world.now += 60
    assert sorted(world.received) == names(*waiting)


# Refusals


@pytest.mark.requirement("PUSH-E2E-03")
def test_a_bundle_that_is_refused_while_others_pass_is_set_aside_after_its_tries(world: CourierWorld) -> None:
    good = world.put(2)
    [poison] = world.put()
    more = world.put(2)
    world.answers = refusing(poison)
    reports = [world.run() for _ in range(3)]
    assert sorted(world.received) == names(*good, *more)
    assert not world.objects
    assert list(world.quarantine) == [poison]
    assert world.reasons == {poison: "422"}
    assert [len(report.quarantined) for report in reports] == [0, 0, 1]
    assert [len(report.refused) for report in reports] == [1, 1, 1]
    record = world.records[f"{poison}#"]
    assert (record.attempts, record.refusals, record.reason, record.is_receipt) == (3, 0, "422", False)


def test_nothing_is_set_aside_while_the_breaker_is_open_though_its_tries_are_used_up() -> None:
    world = CourierWorld(limits=with_limits(failures_to_open=2, refusal_tries=1))
    poison = world.put(7)[3]
    world.answers = one_by_one(ACCEPTED, ACCEPTED, ACCEPTED, REFUSED, TIMEOUT)
    world.run(seconds=80)
    assert world.breaker.cause is Cause.UNREACHABLE
    assert world.records[f"{poison}#"].refusals == 1
    assert not world.quarantine
    world.now += 60
    world.answers = refusing(poison)
    world.run()
    assert list(world.quarantine) == [poison]


@pytest.mark.parametrize("most", [2, 3, 5])
def test_more_poisonous_bundles_than_open_the_breaker_hold_up_no_other_and_are_set_aside(most: int) -> None:
    """Refused at the same time they would open it, each time, before one of the refusals counts."""
    world = CourierWorld(limits=with_limits(failures_to_open=most))
    poison = world.put(2 * most)
    good = world.put(20)
    world.answers = refusing(*poison)
    for _ in range(60):
        world.run()
        world.now += 60
    assert sorted(world.received) == names(*good)
    assert sorted(world.quarantine) == poison
    assert world.breaker.closed


def test_what_is_redelivered_has_all_its_tries_again(world: CourierWorld) -> None:
    [poison] = world.put()
    world.answers = refusing(poison)
    for _ in range(3):
        world.run()
    world.objects[poison] = world.quarantine.pop(poison)
    for _ in range(2):
        world.run()
    assert list(world.objects) == [poison]
    world.answers = lambda _: ACCEPTED
    world.run()
    assert world.receipts() == names(poison)
    assert world.records[f"{poison}#"].attempts == 6


def test_a_refused_bundle_is_tried_once_a_run(world: CourierWorld) -> None:
    poison, *_ = world.put(20)
    tries: Counter[str] = Counter()

    def answer(parcel: Parcel) -> Answer:
        tries[parcel.delivery.bundle_id] += 1
        return refusing(poison)(parcel)

    world.answers = answer
    world.run()
    assert tries[poison] == 1


@pytest.mark.parametrize(
    "answer",
    [REFUSED, MISPLACED, UNAUTHORIZED, replace(REFUSED, reason="413", status=413), replace(MISPLACED, reason="405")],
)
@pytest.mark.parametrize("most", [1, 3, 5])
def test_a_receiver_that_refuses_everything_costs_few_bundles_and_all_others_arrive_by_themselves(
    answer: Answer, most: int
) -> None:
    world = CourierWorld(limits=with_limits(failures_to_open=most, refusal_tries=1))
    waiting = world.put(200)
    world.answers = lambda _: answer
    for _ in range(30):
        world.run()
        world.now += 60
    assert world.breaker.cause in {Cause.REFUSES_EVERYTHING, Cause.CREDENTIALS}
    assert len(world.quarantine) < most
    world.answers = lambda _: ACCEPTED
    for _ in range(2):
        world.run()
        world.now += 60
    assert not world.objects
    assert len(world.received) == len(set(world.received)) == len(waiting) - len(world.quarantine)


def test_refusals_of_probes_count_for_no_bundle_while_everything_is_refused(world: CourierWorld) -> None:
    world.put(5)
    world.answers = lambda _: REFUSED
    for _ in range(60):
        world.run()
        world.now += 60
    assert not world.quarantine
    assert max(record.refusals for record in world.records.values()) == 1


def test_bundles_that_come_one_at_a_time_to_a_receiver_that_refuses_everything_are_not_all_set_aside(
    world: CourierWorld,
) -> None:
    world.answers = lambda _: REFUSED
    for _ in range(10):
        world.put()
        for _ in range(5):
            world.run()
            world.now += 60
    assert len(world.quarantine) == 2
    assert world.breaker.cause is Cause.REFUSES_EVERYTHING


def test_a_bundle_and_its_replays_are_one_bundle_to_the_breaker(world: CourierWorld) -> None:
    [bundle_id] = world.put()
    body = world.objects[bundle_id].body
    world.answers = lambda _: REFUSED
    for turn in range(5):
        world.objects[bundle_id] = Stored(body, world.now, f"replay-{turn}")
        world.run()
        world.now += 60
    assert world.breaker.closed


# The mailbox


@pytest.mark.parametrize("sha256", ["none", "ab" * 32])
def test_a_damaged_bundle_is_set_aside_never_complete_on_the_wire_and_never_acknowledged(
    world: CourierWorld, sha256: str
) -> None:
    damaged, *others = world.put(4)
    world.objects[damaged] = Stored(b"x" * 999, NOW, sha256=sha256)
    report = world.run()
    assert world.reasons == {damaged: "damaged"}
    assert sorted(world.received) == world.receipts() == names(*others)
    assert world.breaker == Breaker()
    assert [miss.bundle_id for miss in report.quarantined] == [damaged]
    assert report.failure is None


def test_a_damaged_bundle_is_no_probe(world: CourierWorld) -> None:
    damaged, *others = world.put(3)
    world.objects[damaged] = Stored(b"x" * 999, NOW, sha256="none")
    world.breaker = Breaker(Phase.OPEN, Cause.CREDENTIALS, "401", opened_at=NOW - 90, probe_at=NOW)
    world.run()
    assert list(world.quarantine) == [damaged]
    assert sorted(world.received) == names(*others)


def test_a_bundle_that_cannot_be_read_is_named_and_holds_up_no_other(world: CourierWorld) -> None:
    broken, *others = world.put(4)

    def spoil(_number: int, name: str, after: bool) -> None:  # noqa: FBT001 - the hook's
        if name == "open" and after and world.calls.count("open") in {1, 5, 6}:
            raise Refused("AccessDenied", "AccessDenied")

    world.spoil = spoil
    report = world.run()
    assert sorted(world.received) == names(*others)
    assert list(world.objects) == [broken]
    assert {miss.bundle_id for miss in report.unreadable} == {broken}
    assert isinstance(report.failure, Unavailable)
    assert world.breaker == Breaker()


def test_a_mailbox_that_breaks_off_is_no_failure_of_the_receiver_and_the_bundle_comes_whole_later(
    world: CourierWorld,
) -> None:
    [bundle_id] = world.put()

    def spoil(_number: int, name: str, after: bool) -> None:  # noqa: FBT001 - the hook's
        if name == "read" and not after and world.calls.count("read") == 1:
            raise Unavailable("reset")

    world.spoil = spoil
    report = world.run()
    assert world.received == names(bundle_id)
    assert not report.failed
    assert report.failure is None


def test_a_receiver_that_makes_an_acceptance_of_a_broken_body_is_not_believed(world: CourierWorld) -> None:
    [damaged] = world.put()
    world.objects[damaged] = Stored(b"x" * 999, NOW, sha256="ab" * 32)

    class Credulous:
        def send(self, parcel: Parcel, deadline: float) -> Answer:  # noqa: ARG002 - the port's
            try:
                list(parcel.body)
            except Exception:  # noqa: BLE001 - as a careless one would
                return ACCEPTED
            raise AssertionError("the last piece was handed out")

    courier = world.courier()
    courier._stores = replace(courier._stores, receiver=Credulous())  # pyright: ignore[reportPrivateUsage]
    courier.run(NOW + 900)
    assert not world.records
    assert list(world.quarantine) == [damaged]


def test_an_error_of_ours_in_a_send_is_a_failure_with_a_name_and_not_the_end(world: CourierWorld) -> None:
    poison, *others = world.put(5)

    def answer(parcel: Parcel) -> Answer:
        if parcel.delivery.bundle_id == poison:
            raise ValueError("a fault of ours")
        return ACCEPTED

    world.answers = answer
    report = world.run()
    assert sorted(world.received) == names(*others)
    assert {miss.reason for miss in report.failed} == {"internal-error"}
    assert isinstance(report.errors[0], ValueError)


@pytest.mark.parametrize("name", ["open", "record", "note", "remove"])
def test_an_error_of_ours_at_one_bundle_is_named_and_holds_up_no_other(world: CourierWorld, name: str) -> None:
    poison, *others = world.put(5)
    of_bundle: list[str] = []

    def spoil(_number: int, this: str, after: bool) -> None:  # noqa: FBT001 - the hook's
        if this == "open" and not after:
            of_bundle.append(min(set(world.objects) - set(of_bundle), default=poison))
        if this == name and not after and of_bundle[-1] == poison:
            raise KeyError(name)

    world.limits = with_limits(parallel_sends=1)
    world.spoil = spoil
    report = world.run()
    assert set(names(*others)) <= set(world.received)
    assert poison in world.objects
    assert str(report.failure) == "internal-error: KeyError"
    assert {miss.bundle_id for miss in report.unreadable} == {poison}
    assert isinstance(report.errors[0], KeyError)


def test_an_error_of_ours_that_ends_the_run_leaves_its_report_and_gives_the_lease_back(world: CourierWorld) -> None:
    waiting = world.put(3)

    def spoil(_number: int, name: str, after: bool) -> None:  # noqa: FBT001 - the hook's
        if name == "release" and not after and world.calls.count("release") == 1:
            raise KeyError(name)

    world.spoil = spoil
    report = world.run()
    assert [done.delivery.bundle_id for done in report.delivered] == waiting
    assert str(report.failure) == "internal-error: KeyError"
    assert world.lease_until == 0


def test_a_mailbox_that_opens_slowly_near_the_end_takes_nothing_of_a_sends_time(world: CourierWorld) -> None:
    world.put(50)
    left: list[float] = []

    def slow(_number: int, name: str, after: bool) -> None:  # noqa: FBT001 - the hook's
        if name == "open" and not after:
            world.now += 9

    world.spoil = slow
    courier = world.courier()
    send = courier._stores.receiver.send  # pyright: ignore[reportPrivateUsage]

    class Measuring:
        def send(self, parcel: Parcel, deadline: float) -> Answer:
            left.append(deadline - world.now)
            return send(parcel, deadline)

    courier._stores = replace(courier._stores, receiver=Measuring())  # pyright: ignore[reportPrivateUsage]
    world.limits = with_limits(parallel_sends=1)
    courier._limits = world.limits  # pyright: ignore[reportPrivateUsage]
    courier.run(world.now + 300)
    assert set(left) == {30}
    assert 20 < len(left) < 50


def test_a_damaged_bundle_that_cannot_be_set_aside_for_an_error_of_ours_holds_up_no_other(world: CourierWorld) -> None:
    damaged, *others = world.put(4)
    world.objects[damaged] = Stored(b"x" * 999, NOW, sha256="none")

    def spoil(_number: int, name: str, after: bool) -> None:  # noqa: FBT001 - the hook's
        if name == "quarantine" and not after:
            raise UnicodeError

    world.spoil = spoil
    report = world.run()
    assert sorted(world.received) == names(*others)
    assert str(report.failure) == "internal-error: UnicodeError"


def test_several_that_are_told_at_once_to_come_later_are_one_failure(world: CourierWorld) -> None:
    world.put(12)
    world.answers = one_by_one(*[ACCEPTED] * 3, BUSY, BUSY, BUSY, BUSY, ACCEPTED)
    report = world.run()
    assert not world.objects
    assert len(report.failed) == 4
    assert not report.changes


def test_a_bundle_that_was_replaced_after_the_listing_is_left_for_the_next_look(world: CourierWorld) -> None:
    [bundle_id] = world.put()
    body = world.objects[bundle_id].body

    def replace_after_listing(_number: int, name: str, after: bool) -> None:  # noqa: FBT001 - the hook's
        if name == "list" and after and world.calls.count("list") == 1:
            world.objects[bundle_id] = Stored(body, NOW + 5, "replay-1")
            world.bells += 1  # its event

    world.spoil = replace_after_listing
    world.run()
    assert world.received == names(bundle_id, replay_id="replay-1")
    assert not world.objects


def test_a_replay_that_lies_there_when_the_delivered_bundle_is_to_be_removed_stays(world: CourierWorld) -> None:
    [bundle_id] = world.put()
    body = world.objects[bundle_id].body

    def replace_before_removal(_number: int, name: str, after: bool) -> None:  # noqa: FBT001 - the hook's
        if name == "remove" and not after and world.calls.count("remove") == 1:
            world.objects[bundle_id] = Stored(body, NOW + 5, "replay-1")

    world.spoil = replace_before_removal
    world.run()
    assert world.objects[bundle_id].replay_id == "replay-1"
    world.run()
    assert world.received == names(bundle_id) + names(bundle_id, replay_id="replay-1")


# Time


def test_no_send_begins_that_could_outlast_the_run(world: CourierWorld) -> None:
    world.put(100)

    def slow(_: Parcel) -> Answer:
        world.now += 29
        return ACCEPTED

    world.answers = slow
    world.limits = with_limits(parallel_sends=1)
    deadline = world.now + 300
    world.run(seconds=300)
    assert world.now <= deadline
    assert world.lease_until == 0
    assert 0 < len(world.received) < 100


def test_a_run_without_time_for_one_send_sends_nothing_and_gives_the_lease_back(world: CourierWorld) -> None:
    world.put()
    world.run(seconds=20)
    assert "send" not in world.calls
    assert world.lease_until == 0


def test_waits_between_failures_grow_and_are_bounded() -> None:
    world = CourierWorld(limits=with_limits(failures_to_open=15))
    world.put()
    world.answers = lambda _: TIMEOUT
    world.run()
    assert world.pauses[:14] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10, 10, 10]


def test_a_pause_that_does_not_end_before_the_deadline_ends_the_run(world: CourierWorld) -> None:
    world.put(3)
    world.answers = lambda _: replace(BUSY, retry_after_seconds=300)
    world.run(seconds=340)
    assert not world.pauses
    assert world.lease_until == 0


def test_a_clock_that_is_set_back_prolongs_no_wait(world: CourierWorld) -> None:
    world.put()
    world.answers = one_by_one(TIMEOUT, ACCEPTED)
    pause = world.pause

    def jump(seconds: float) -> None:
        pause(seconds)
        world.now -= 10_000

    world.pause = jump  # pyright: ignore[reportAttributeAccessIssue]
    world.run()
    assert len(world.pauses) == 1
    assert not world.objects


def test_a_long_run_shows_each_minute_what_it_did_and_reports_nothing_twice(world: CourierWorld) -> None:
    waiting = world.put(20)

    def slow(_: Parcel) -> Answer:
        world.now += 20
        return ACCEPTED

    world.answers = slow
    parts: list[str] = []
    world.limits = with_limits(parallel_sends=1)
    rest = world.courier().run(
        world.now + 900, lambda part: parts.extend(done.delivery.bundle_id for done in part.delivered)
    )
    assert 15 < len(parts) < 20
    assert parts + [done.delivery.bundle_id for done in rest.delivered] == waiting
