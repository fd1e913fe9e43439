"""A fault at every single call of a run: whatever it is, nothing is lost, and nothing is removed that was not kept."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from harness.courier import (
    ACCEPTED,
    REFUSED,
    TIMEOUT,
    CourierWorld,
    DiedError,
    Stored,
    dying_at,
    unavailable_at,
    with_limits,
)

from baler.files.courier.breaker import Breaker, Cause, Phase
from baler.store_errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from baler.files.courier.answer import Answer
    from runtime.files.courier.ports import Parcel

POISON, DAMAGED = 1, 3


def scene() -> tuple[CourierWorld, list[str]]:
    """Make six bundles: one is refused and set aside at once, one is damaged; the breaker is open and a probe is due.

    The first answer is a time-out, so that a failed probe, its wait and a second one are among the calls.
    """
    world = CourierWorld(limits=with_limits(refusal_tries=1))
    waiting = world.put(6)
    world.objects[waiting[DAMAGED]] = Stored(b"x" * 999, world.now, sha256="ab" * 32)
    world.breaker = Breaker(Phase.OPEN, Cause.UNREACHABLE, "503", opened_at=world.now - 60, probe_at=world.now)
    first = [TIMEOUT]

    def answer(parcel: Parcel) -> Answer:
        if first:
            return first.pop()
        return REFUSED if parcel.delivery.bundle_id == waiting[POISON] else ACCEPTED

    world.answers = answer
    return world, waiting


def length_of_a_plain_run() -> int:
    world, _ = scene()
    finish(world)
    return len(world.calls)


def finish(world: CourierWorld) -> None:
    """Let time go by, and a courier come each minute, until nothing waits."""
    for _ in range(12):
        world.run()
        world.now += 60
        if not world.objects:
            return


def check(world: CourierWorld, waiting: list[str], sent_twice: int) -> None:
    good = [f"{each}#" for number, each in enumerate(waiting) if number not in {POISON, DAMAGED}]
    assert not world.objects
    assert sorted(world.quarantine) == sorted([waiting[POISON], waiting[DAMAGED]])
    assert world.receipts() == good
    assert sorted(set(world.received)) == good
    assert sum(Counter(world.received).values()) <= len(good) + sent_twice
    assert world.breaker.closed
    assert world.lease_until <= world.now


def keeping(world: CourierWorld, spoil: Callable[[int, str, bool], None]) -> Callable[[int, str, bool], None]:
    """Spoil, and see at each removal that the receipt is there."""

    def hook(number: int, name: str, after: bool) -> None:  # noqa: FBT001 - the hook's
        spoil(number, name, after)
        gone = {name for name in world.received if name.partition("#")[0] not in world.objects}
        assert gone <= set(world.receipts())

    return hook


CALLS = range(length_of_a_plain_run())


@pytest.mark.requirement("PUSH-NFR-04", "PUSH-NFR-08")
@pytest.mark.parametrize("after", [False, True])
def test_a_courier_that_dies_at_any_call_leaves_nothing_stuck_and_loses_nothing(after: bool) -> None:  # noqa: FBT001
    for number in CALLS:
        world, waiting = scene()
        world.spoil = keeping(world, dying_at(number, after=after))
        died = 0
        for _ in range(12):
            try:
                world.run()
            except DiedError:
                died += 1
            world.now += 60
        assert died == 1 or after, f"call {number} was made"  # a call that fails by itself has no moment after it
        check(world, waiting, sent_twice=1)


@pytest.mark.parametrize("after", [False, True])
def test_a_call_that_fails_whether_it_took_effect_or_not_loses_nothing_and_is_no_exception(after: bool) -> None:  # noqa: FBT001
    for number in CALLS:
        world, waiting = scene()
        world.spoil = keeping(world, unavailable_at(number, after=after))
        finish(world)
        check(world, waiting, sent_twice=1)


@pytest.mark.requirement("PUSH-AVAIL-02")
def test_a_courier_that_sleeps_at_any_call_while_another_does_all_its_work_changes_nothing_any_more() -> None:
    for number in CALLS:
        world, waiting = scene()
        others: list[None] = []

        def another(
            this: int,
            _name: str,
            after: bool,  # noqa: FBT001 - the hook's
            world: CourierWorld = world,
            number: int = number,
            others: list[None] = others,
        ) -> None:
            if this == number and not after and not others:
                others.append(None)
                world.now += 60
                finish(world)

        world.spoil = keeping(world, another)
        finish(world)
        finish(world)
        # A send that slept is sent beside the other's, under the same id.
        check(world, waiting, sent_twice=1)


def test_a_courier_that_was_fenced_off_says_so_and_claims_nothing_about_the_breaker() -> None:
    world, _ = scene()
    world.breaker = Breaker()

    def steal(_number: int, name: str, after: bool) -> None:  # noqa: FBT001 - the hook's
        if name == "send" and after:
            world.owner, world.generation = "another", world.generation + 1

    world.spoil = steal
    report = world.run()
    assert report.fenced
    assert report.breaker is None
    assert report.failure is None
    assert not world.receipts()
    assert world.calls.count("send") == 1
    assert world.owner == "another"


@pytest.mark.parametrize("name", ["acquire", "record", "renew", "note", "save", "release", "list"])
def test_a_table_or_a_mailbox_that_fails_for_good_is_named_in_the_report_and_stops_the_run(name: str) -> None:
    world, _ = scene()
    world.breaker = Breaker()

    def spoil(_number: int, this: str, after: bool) -> None:  # noqa: FBT001 - the hook's
        if this == name and not after:
            raise Unavailable(f"{name}: timeout")

    world.spoil = spoil
    report = world.run()
    assert str(report.failure) == f"{name}: timeout"
    assert len(world.received) <= 1 or name == "release"


@pytest.mark.parametrize("name", ["open", "remove", "quarantine"])
def test_what_the_mailbox_fails_to_do_for_bundles_is_in_the_report_of_a_run_that_goes_on(name: str) -> None:
    world, _ = scene()

    def spoil(_number: int, this: str, after: bool) -> None:  # noqa: FBT001 - the hook's
        if this == name and not after:
            raise Unavailable(f"{name}: timeout")

    world.spoil = spoil
    world.breaker = Breaker()
    report = world.run()
    assert str(report.failure) == f"{name}: timeout"
    assert world.lease_until == 0


@pytest.mark.requirement("PUSH-AVAIL-02")
def test_without_the_table_nothing_is_sent() -> None:
    world, _ = scene()

    def spoil(_number: int, name: str, _after: bool) -> None:  # noqa: FBT001 - the hook's
        if name in {"acquire", "renew", "save", "record", "note", "release", "ring"}:
            raise Unavailable(name)

    world.spoil = spoil
    world.run()
    assert "send" not in world.calls
    assert not world.received


def test_a_good_probe_whose_state_could_not_be_stored_has_its_receipt_and_the_next_probe_closes_the_breaker() -> None:
    world = CourierWorld()
    waiting = world.put(2)
    world.breaker = Breaker(Phase.OPEN, Cause.UNREACHABLE, "503", opened_at=world.now - 60, probe_at=world.now)
    saves: list[None] = []

    def spoil(_number: int, name: str, after: bool) -> None:  # noqa: FBT001 - the hook's
        if name == "save" and not after:
            saves.append(None)
            if len(saves) == 2:
                raise Unavailable("save")

    world.spoil = spoil
    report = world.run()
    assert isinstance(report.failure, Unavailable)
    assert world.receipts() == [f"{waiting[0]}#"]
    assert world.breaker.phase is Phase.HALF_OPEN
    world.now += 30
    world.run()
    assert world.breaker == Breaker()
    assert world.received == [f"{each}#" for each in waiting]
