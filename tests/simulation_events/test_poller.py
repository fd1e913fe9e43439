"""The poller of the simulation obeys AWS's rules."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import pytest
from baler_kinesis.answer import Failed, Outcome, Reported, Succeeded
from baler_kinesis.delivery import Discarded, Rules, deliver, sequence_number
from simulation.workload import START

from simulation_events.poller import MappingRules, ShardPoller
from simulation_events.workload import Nature, Produced

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from baler.events.stream_record import StreamRecord


FOUR = MappingRules(4)


def poller(
    count: int,
    rules: MappingRules = FOUR,
    *,
    parent: bool = True,
    seconds_between: float = 0.0,
    discard: Callable[[Sequence[StreamRecord]], None] = lambda _: None,
) -> ShardPoller:
    records = [Produced(each, 0, Nature.GOOD, "a", seconds_between * each).record for each in range(1, count + 1)]
    return ShardPoller("poller", records, rules, lambda: parent, discard)


def begin(under_test: ShardPoller) -> tuple[int, list[int]]:
    begun = under_test.begin(START + 1000)
    assert begun is not None
    token, records = begun
    return token, [int(record.sequence_number) for record in records]


def test_an_error_halves_the_batch_until_a_record_is_alone_and_that_one_is_offered_again() -> None:
    under_test = poller(4)
    offered: list[list[int]] = []
    for _ in range(4):
        token, numbers = begin(under_test)
        offered.append(numbers)
        under_test.fail(token, START)
    assert offered == [[1, 2, 3, 4], [1, 2], [1], [1]]


def test_what_comes_after_a_failure_waits_for_it() -> None:
    under_test = poller(4, MappingRules(2))
    token, _ = begin(under_test)
    under_test.fail(token, START)
    offered: list[list[int]] = []
    while not under_test.is_over:
        token, numbers = begin(under_test)
        offered.append(numbers)
        under_test.succeed(token)
    assert offered == [[1], [2], [3, 4]]


def test_a_partial_answer_cuts_the_batch_at_the_lowest_number() -> None:
    under_test = poller(4)
    token, _ = begin(under_test)
    under_test.fail_from(token, under_test.records[2].sequence_number, START)
    assert begin(under_test)[1] == [3, 4]


def test_a_partial_answer_that_cuts_nothing_off_is_read_both_ways() -> None:
    for halves, expected in ((False, [1, 2, 3, 4]), (True, [1, 2])):
        under_test = poller(4, MappingRules(4, halves))
        token, _ = begin(under_test)
        under_test.fail_from(token, under_test.records[0].sequence_number, START)
        assert begin(under_test)[1] == expected


def test_a_number_that_is_not_in_the_batch_is_an_error() -> None:
    under_test = poller(4)
    token, _ = begin(under_test)
    under_test.fail_from(token, "7", START)
    assert begin(under_test)[1] == [1, 2]


def test_the_answer_of_a_run_that_is_held_for_dead_counts_for_nothing() -> None:
    under_test = poller(2)
    token, _ = begin(under_test)
    under_test.fail(token, START)
    under_test.succeed(token)
    assert begin(under_test)[1] == [1]


def test_a_lost_checkpoint_brings_records_again_and_never_passes_over_one() -> None:
    under_test = poller(4, MappingRules(2))
    token, _ = begin(under_test)
    under_test.succeed(token)
    begin(under_test)
    under_test.lose_checkpoint(4)
    assert begin(under_test)[1] == [3, 4]
    under_test.lose_checkpoint(1)
    assert begin(under_test)[1] == [2, 3]


def test_a_child_shard_waits_for_the_end_of_its_parent() -> None:
    assert poller(1, parent=False).ready_at() is None
    assert poller(1, parent=True).ready_at() == START


def test_what_is_too_old_is_given_up_and_what_is_not_is_still_offered() -> None:
    given_up: list[StreamRecord] = []
    under_test = poller(3, MappingRules(4, oldest_seconds=15.0), seconds_between=10.0, discard=given_up.extend)
    begun = under_test.begin(START + 30)
    assert begun is not None
    assert [int(record.sequence_number) for record in begun[1]] == [2, 3]
    under_test.fail(begun[0], START + 31)
    assert under_test.begin(START + 100) is None
    assert under_test.begin(START + 100) is None
    assert under_test.is_over
    assert given_up == under_test.records


@dataclass
class Scripted:
    """What one batch meets: how long each attempt takes, and what comes of it."""

    chance: random.Random
    time: float = START
    offered: list[list[str]] = field(default_factory=list[list[str]])
    given_up: list[str] = field(default_factory=list[str])

    @classmethod
    def of(cls, seed: int) -> Self:
        """Return one whose attempts are those of every other with this seed."""
        return cls(random.Random(seed))  # noqa: S311 - a schedule, no secret

    def attempt(self, numbers: list[str]) -> Outcome:
        self.offered.append(numbers)
        self.time += self.chance.choice((0.1, 5.0, 20.0))
        failed = Failed("request", 200, "1", "")
        return self.chance.choice((Succeeded(), failed, failed, Reported(self.chance.choice(numbers), failed)))

    def now(self) -> float:
        return self.time

    def invoke(self, events: Sequence[dict[str, Any]]) -> Outcome:
        return self.attempt([sequence_number(event) for event in events])

    def discard(self, discarded: Discarded) -> None:
        self.given_up += [sequence_number(event) for event in discarded.events]

    def wait(self, seconds: float) -> None:
        """Take no time: how long either waits is its own affair."""


@pytest.mark.parametrize("seed", range(100))
def test_the_poller_and_that_of_the_sandbox_offer_and_give_up_the_same_records(seed: int) -> None:
    age, count = 40, 1 + seed % 8
    ours, theirs = Scripted.of(seed), Scripted.of(seed)
    under_test = poller(
        count,
        MappingRules(count, oldest_seconds=age),
        seconds_between=7.0,
        discard=lambda old: ours.given_up.extend(record.sequence_number for record in old),
    )
    ours.time = theirs.time = under_test.records[-1].arrived_at
    fields = [
        {"sequenceNumber": record.sequence_number, "approximateArrivalTimestamp": record.arrived_at}
        for record in under_test.records
    ]
    deliver([{"kinesis": each} for each in fields], Rules(bisect=True, record_age=age), theirs)
    while not under_test.is_over:
        begun = under_test.begin(ours.time)
        if begun is None:
            continue
        token, batch = begun
        match ours.attempt([record.sequence_number for record in batch]):
            case Reported(lowest=lowest):
                under_test.fail_from(token, lowest, ours.time)
            case Succeeded():
                under_test.succeed(token)
            case _:
                under_test.fail(token, ours.time)
    assert (ours.offered, ours.given_up) == (theirs.offered, theirs.given_up)
