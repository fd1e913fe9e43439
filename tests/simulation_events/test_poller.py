"""The poller of the simulation obeys AWS's rules."""

from __future__ import annotations

from simulation.workload import START

from simulation_events.poller import ShardPoller
from simulation_events.workload import Nature, Produced


def poller(count: int, *, batch: int = 4, halves_partial: bool = False, parent: bool = True) -> ShardPoller:
    records = [Produced(number, 0, Nature.GOOD, "a", 0.0).record for number in range(1, count + 1)]
    return ShardPoller("poller", records, batch, halves_partial=halves_partial, parent=lambda: parent)


def begin(under_test: ShardPoller) -> tuple[int, list[int]]:
    token, records = under_test.begin(START + 1000)
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
    under_test = poller(4, batch=2)
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
        under_test = poller(4, halves_partial=halves)
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
    under_test = poller(4, batch=2)
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
