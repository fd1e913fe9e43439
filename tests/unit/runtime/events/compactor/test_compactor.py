"""The logic of the compactor over a table in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from baler.events.partition import Partition
from baler.events.raw_object import ForeignObjectError
from baler.events.table.source_rows import SourceRows
from baler.store_errors import Unavailable
from runtime.events.compactor.compactor import (
    MOST_BYTES,
    RETENTION,
    TRIES,
    Announced,
    Compactor,
    Maintenance,
    Outcome,
    Report,
)
from runtime.events.compactor.ports import TableSize

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

HOUR = Partition("metric", 2024, 1, 15, 10)
SIZE = TableSize(rows=3, files=2)
AT = datetime(2024, 1, 15, 10, 30, tzinfo=UTC)


def rows_of(key: str, body: bytes) -> SourceRows:
    if body == b"foreign":
        raise ForeignObjectError("it is foreign")
    return SourceRows(key, HOUR, tuple({"id": line} for line in body.split()), AT, AT)


@dataclass
class Table:
    """States of a table, and what happens between a state's reading and its commit."""

    rows: dict[str, tuple[Mapping[str, object], ...]] = field(default_factory=dict)
    version: int = 0
    before_commit: list[Callable[[], None]] = field(default_factory=list)
    lost_answers: int = 0
    unanswered: int = 0
    commits: list[frozenset[str]] = field(default_factory=list)
    hours: list[Partition] = field(default_factory=list)
    dropped: list[datetime] = field(default_factory=list)

    def snapshot(self) -> State:
        if self.unanswered:
            self.unanswered -= 1
            raise Unavailable("no answer")
        return State(self, self.version)

    def size(self) -> TableSize:
        return SIZE

    def sweep(self, before: datetime) -> int:
        assert before == AT - RETENTION
        return 7

    def put(self, sources: Sequence[SourceRows]) -> None:
        self.rows |= {source.key: source.rows for source in sources}
        self.version += 1


@dataclass(frozen=True)
class State:
    table: Table
    version: int

    def holding(self, sources: Sequence[SourceRows]) -> frozenset[str]:
        return frozenset(source.key for source in sources if source.key in self.table.rows)

    def commit(self, sources: Sequence[SourceRows], replaced: frozenset[str]) -> bool:
        table = self.table
        if table.before_commit:
            table.before_commit.pop(0)()
        if table.version != self.version:
            return False
        # An append where there are rows would double them.
        assert replaced == {source.key for source in sources if source.key in table.rows}
        table.put(sources)
        table.commits.append(frozenset(source.key for source in sources))
        if table.lost_answers:
            table.lost_answers -= 1
            raise Unavailable("no answer")
        return True

    def scattered(self, before: datetime) -> Sequence[Partition]:
        assert before
        return tuple(self.table.hours)

    def drop(self, before: datetime) -> bool:
        self.table.dropped.append(before)
        return True

    def rewrite(self, hour: Partition) -> bool:
        if self.table.before_commit:
            self.table.before_commit.pop(0)()
        if self.table.version != self.version:
            return False
        self.table.hours.remove(hour)
        self.table.version += 1
        return True


@dataclass
class Store:
    bodies: dict[str, bytes]
    unread: set[str] = field(default_factory=set)

    def get(self, keys: Sequence[str]) -> Mapping[str, bytes | None]:
        return {key: self.bodies.get(key) for key in keys if key not in self.unread}


def compactor(table: Table, store: Store, *, commits: int = 99) -> Compactor:
    left = iter(range(commits))
    return Compactor(table=table, store=store, read=rows_of, has_time=lambda: next(left, None) is not None)


def announced(*keys: str, size: int = 1) -> list[Announced]:
    return [Announced(key, size) for key in keys]


def outcomes(compactor: Compactor, *keys: str, size: int = 1) -> dict[str, Outcome]:
    reports = compactor.handle(announced(*keys, size=size))
    return {key: report.outcome for key, report in reports.items()}


def test_many_objects_are_one_commit() -> None:
    table = Table()
    assert set(outcomes(compactor(table, Store({"a": b"1 2", "b": b"3"})), "a", "b").values()) == {Outcome.COMMITTED}
    assert table.commits == [{"a", "b"}]
    assert len(table.rows["a"]) == 2


def test_an_object_that_is_announced_twice_in_one_batch_is_committed_once() -> None:
    table = Table()
    outcomes(compactor(table, Store({"a": b"1"})), "a", "a")
    assert table.rows == {"a": ({"id": b"1"},)}


def test_a_repeated_event_and_what_was_processed_anew_replace_what_is_there() -> None:
    table, store = Table(), Store({"a": b"1"})
    outcomes(compactor(table, store), "a")
    store.bodies["a"] = b"1 2"
    outcomes(compactor(table, store), "a")
    assert table.rows["a"] == ({"id": b"1"}, {"id": b"2"})


@pytest.mark.parametrize("lost", [1, TRIES - 1, TRIES])
def test_a_retry_after_an_unknown_outcome_doubles_nothing(lost: int) -> None:
    table, store = Table(lost_answers=lost), Store({"a": b"1"})
    # One call of many that failed is no reason to let all of a batch wait for the queue's time-out.
    assert outcomes(compactor(table, store), "a") == {"a": Outcome.RETRY if lost == TRIES else Outcome.COMMITTED}
    assert outcomes(compactor(table, store), "a") == {"a": Outcome.COMMITTED}
    assert table.rows == {"a": ({"id": b"1"},)}


def test_a_commit_that_failed_is_not_made_anew_without_time() -> None:
    table = Table(lost_answers=1)
    reports = compactor(table, Store({"a": b"1"}), commits=1).handle([Announced("a", 1)])
    assert reports["a"] == Report(Outcome.RETRY, "no answer")


def test_what_keeps_the_table_goes_on_after_a_call_that_failed() -> None:
    table = Table(hours=[HOUR], unanswered=TRIES - 1)
    assert compactor(table, Store({})).keep(AT, days=0).rewritten_hours == 1
    with pytest.raises(Unavailable):
        compactor(Table(hours=[HOUR], unanswered=TRIES), Store({})).keep(AT, days=0)


def test_a_commit_that_another_one_overtook_is_made_of_what_is_processed_by_then() -> None:
    table, store = Table(), Store({"a": b"old"})

    def processed_anew_and_committed() -> None:
        store.bodies["a"] = b"new"
        outcomes(compactor(table, store), "a")

    table.before_commit.append(processed_anew_and_committed)
    outcomes(compactor(table, store), "a")
    assert table.rows == {"a": ({"id": b"new"},)}


def test_a_commit_that_is_overtaken_each_time_comes_again_later() -> None:
    table = Table()
    table.before_commit = [lambda: table.put([])] * TRIES
    assert outcomes(compactor(table, Store({"a": b"1"})), "a") == {"a": Outcome.RETRY}
    assert not table.rows


def test_a_commit_that_was_overtaken_is_not_made_anew_without_time() -> None:
    table = Table()
    table.before_commit = [lambda: table.put([])]
    assert outcomes(compactor(table, Store({"a": b"1"}), commits=1), "a") == {"a": Outcome.RETRY}
    assert not table.commits


def test_an_object_that_cannot_be_read_or_is_foreign_or_gone_holds_up_no_other() -> None:
    table = Table()
    store = Store({"a": b"1", "slow": b"2", "foreign": b"foreign"}, unread={"slow"})
    assert outcomes(compactor(table, store), "a", "slow", "foreign", "gone") == {
        "a": Outcome.COMMITTED,
        "slow": Outcome.RETRY,
        "foreign": Outcome.REFUSED,
        "gone": Outcome.REFUSED,
    }
    assert table.commits == [{"a"}]


def test_what_is_too_much_for_one_commit_is_several_and_what_has_no_time_comes_again() -> None:
    table = Table()
    store = Store({"a": b"1", "b": b"2", "c": b"3"})
    assert outcomes(compactor(table, store, commits=2), "a", "b", "c", size=MOST_BYTES // 2 + 1) == {
        "a": Outcome.COMMITTED,
        "b": Outcome.COMMITTED,
        "c": Outcome.RETRY,
    }
    assert table.commits == [{"a"}, {"b"}]


def test_an_hour_whose_rewriting_is_overtaken_is_rewritten_from_the_newer_state() -> None:
    table = Table(hours=[HOUR, Partition("metric", 2024, 1, 15, 11)])
    table.before_commit.append(lambda: table.put([]))
    assert compactor(table, Store({})).keep(AT, days=0) == Maintenance(2, 7, SIZE)
    assert not table.hours


def test_rewriting_ends_with_its_time_and_the_next_run_goes_on() -> None:
    table = Table(hours=[HOUR, Partition("metric", 2024, 1, 15, 11)])
    assert compactor(table, Store({}), commits=2).keep(AT, days=0) == Maintenance(1, 0, SIZE)
    assert compactor(table, Store({})).keep(AT, days=0) == Maintenance(1, 7, SIZE)


def test_an_hour_that_is_overtaken_each_time_is_left_to_the_next_run() -> None:
    table = Table(hours=[HOUR])
    table.before_commit = [lambda: table.put([])] * TRIES
    assert compactor(table, Store({})).keep(AT, days=0).rewritten_hours == 0


def test_hours_are_dropped_by_the_setting_alone() -> None:
    table = Table()
    compactor(table, Store({})).keep(AT, days=0)
    compactor(table, Store({})).keep(AT, days=30)
    assert table.dropped == [AT - timedelta(days=30)]
