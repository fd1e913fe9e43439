from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from harness.lake_table import LakeTable
from harness.sightings import SOURCE, order, sighting

from baler.lake.counters import Day, inserted
from baler.store_errors import Refused, Unavailable
from runtime.lake.curation.backoff import Backoff
from runtime.lake.curation.counted_writer import CountedWriter, Written
from runtime.lake.curation.transaction import Cancelled, Insert, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runtime.lake.curation.transaction import Transaction

AT = order("2026-03-08T23:58")
DAY = Day(SOURCE, AT.captured_at.date())
_TOKENS = itertools.count()


@dataclass
class Scripted(LakeTable):
    """Answers transactions by a script first: what it raises or returns, or None for the table's own answer.

    Attributes:
        script: what comes next.
        unanswered: at these tries, from 0, the table does it and the answer is lost.
        tries: every transaction.
        now: seconds since the epoch.
    """

    script: Iterator[Cancelled | Exception | None] = field(default_factory=lambda: iter(()))
    unanswered: frozenset[int] = frozenset()
    tries: list[Transaction] = field(default_factory=list["Transaction"])
    time: float = 0.0
    slept: list[float] = field(default_factory=list[float])

    def transact(self, transaction: Transaction, now: float = 0.0) -> Cancelled | None:
        self.tries.append(transaction)
        match next(self.script, None):
            case Exception() as error:
                raise error
            case Cancelled() as cancelled:
                return cancelled
            case None:
                answer = super().transact(transaction, now)
                if len(self.tries) - 1 in self.unanswered:
                    raise Unavailable("no answer")
                return answer

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


def inserts(count: int, *, size: int = 100, first: int = 0) -> list[Insert]:
    return [Insert(sighting(number, "red", AT), size) for number in range(first, first + count)]


def write(table: Scripted, writes: Sequence[Insert], deadline: float = 60.0) -> Written:
    written = Written()
    writer = CountedWriter(table, Backoff(table, deadline, lambda: 1.0), lambda: str(next(_TOKENS)))
    writer.write(writes, lambda n: inserted(DAY, 3, n), written)
    return written


def test_records_are_written_by_98_with_their_two_counts() -> None:
    table = Scripted()
    assert len(write(table, inserts(250)).done) == 250
    assert [len(each.writes) for each in table.tries] == [98, 98, 54]
    assert table.counted == {DAY: 250, DAY.total: 250}


def test_no_transaction_is_larger_than_the_store_takes() -> None:
    table = Scripted()
    assert len(write(table, inserts(30, size=390_000)).done) == 30
    assert max(len(each.writes) for each in table.tries) == 7


def test_what_exists_is_named_and_its_neighbours_are_counted_without_it() -> None:
    table = Scripted()
    write(table, inserts(2))
    written = write(table, inserts(5))
    assert written.raced == ["posts-0", "posts-1"]
    assert written.done == ["posts-2", "posts-3", "posts-4"]
    assert table.counted == {DAY: 5, DAY.total: 5}
    assert not table.slept, "an existing record is nothing to wait for"


@pytest.mark.parametrize("counts", [Reason.NONE, Reason.PASSING])
def test_a_conflict_or_a_throttle_is_waited_for_and_never_taken_for_an_existing_record(counts: Reason) -> None:
    passing = Reason.NONE if counts is Reason.PASSING else Reason.PASSING
    table = Scripted(script=iter([Cancelled([passing, Reason.NONE, Reason.NONE], counts)] * 3))
    written = write(table, inserts(3))
    assert (written.raced, written.invalid) == ([], [])
    assert len(written.done) == 3
    assert table.slept == [0.05, 0.1, 0.2]
    assert len({each.token for each in table.tries}) == 4, "a cancelled transaction is another one the next time"


def test_every_reason_of_one_cancellation_is_read_for_itself() -> None:
    reasons = [Reason.PASSING, Reason.RACED, Reason.INVALID, Reason.NONE]
    table = Scripted(script=iter([Cancelled(reasons, Reason.NONE)]))
    written = write(table, inserts(4))
    assert (written.done, written.raced, written.invalid) == (["posts-0", "posts-3"], ["posts-1"], ["posts-2"])
    assert table.counted == {DAY: 2, DAY.total: 2}


@pytest.mark.parametrize("remembers_tokens", [True, False])
def test_a_lost_answer_is_asked_for_again_by_the_same_name_and_never_counted_twice(*, remembers_tokens: bool) -> None:
    table = Scripted(unanswered=frozenset({0}), remembers_tokens=remembers_tokens)
    written = write(table, inserts(4))
    assert table.tries[0] == table.tries[1]
    # Where the name is forgotten by then, the records are found to exist: reading them tells the rest.
    assert len(written.done if remembers_tokens else written.raced) == 4
    assert table.counted == {DAY: 4, DAY.total: 4}


def test_a_table_that_does_not_answer_is_left_alone_after_three_tries() -> None:
    table = Scripted(script=iter([Unavailable("no answer")] * 9))
    with pytest.raises(Unavailable, match="no answer"):
        write(table, inserts(1))
    assert len(table.tries) == 3


def test_a_conflict_that_lasts_ends_before_the_deadline() -> None:
    table = Scripted(script=itertools.repeat(Cancelled([Reason.PASSING], Reason.NONE)))
    with pytest.raises(Refused, match="no time left"):
        write(table, inserts(1), deadline=9.0)
    assert table.time < 9.0


@pytest.mark.parametrize("bad", [0, 57, 97])
def test_a_request_refused_as_a_whole_is_halved_until_the_bad_record_is_alone(bad: int) -> None:
    table = Scripted(poison=frozenset({f"posts-{bad}"}))
    written = write(table, inserts(98))
    assert written.invalid == [f"posts-{bad}"]
    assert sorted(written.done) == sorted(f"posts-{number}" for number in range(98) if number != bad)
    assert table.counted == {DAY: 97, DAY.total: 97}
    assert len(table.tries) <= 2 * 7 + 1


def test_a_record_that_is_named_as_invalid_leaves_the_others_to_be_written() -> None:
    table = Scripted(invalid=frozenset({"posts-1", "posts-3"}))
    written = write(table, inserts(5))
    assert written.invalid == ["posts-1", "posts-3"]
    assert table.counted == {DAY: 3, DAY.total: 3}
